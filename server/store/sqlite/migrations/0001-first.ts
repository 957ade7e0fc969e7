/** The first format. Never edited once released; what changes it is a new file (FORMAT.md: Versions). */
export const first = `
CREATE TABLE fact (
  seq INTEGER PRIMARY KEY,
  incident_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  fact_version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  data TEXT NOT NULL,
  sealed TEXT NOT NULL,
  hash BLOB NOT NULL,
  UNIQUE (incident_id, version)
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL,
  sealed TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE text (
  commitment TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  seq INTEGER NOT NULL,
  field TEXT NOT NULL,
  key_id TEXT NOT NULL,
  box BLOB,
  UNIQUE (owner, seq, field)
) STRICT;
CREATE INDEX text_by_key ON text (key_id);

CREATE TABLE log_block (
  first_pos INTEGER PRIMARY KEY,
  last_pos INTEGER NOT NULL,
  at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  digest BLOB NOT NULL,
  box BLOB,
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE chain (
  n INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  prev BLOB NOT NULL,
  root BLOB NOT NULL,
  facts_to INTEGER NOT NULL,
  audit_to INTEGER NOT NULL,
  pos_to INTEGER NOT NULL,
  count INTEGER NOT NULL,
  tally BLOB NOT NULL,
  hash BLOB NOT NULL,
  signature BLOB NOT NULL
) STRICT;

CREATE TABLE tally (
  name TEXT PRIMARY KEY,
  rows INTEGER NOT NULL,
  sum BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
  n INTEGER PRIMARY KEY,
  pos INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  stage TEXT NOT NULL,
  rule TEXT NOT NULL,
  reason TEXT NOT NULL,
  alert_id TEXT,
  incident_id TEXT,
  mac BLOB NOT NULL
) STRICT;
CREATE INDEX decision_by_incident ON decision (incident_id, n) WHERE incident_id IS NOT NULL;

CREATE TABLE ledger (
  minute INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  count INTEGER NOT NULL,
  mac BLOB NOT NULL,
  PRIMARY KEY (minute, source_id, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
  id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  gen INTEGER NOT NULL,
  incident_id TEXT,
  live INTEGER NOT NULL,
  box BLOB NOT NULL,
  mac BLOB NOT NULL,
  PRIMARY KEY (id, slot)
) STRICT;
CREATE INDEX alert_by_incident ON alert (incident_id, id) WHERE incident_id IS NOT NULL;
CREATE INDEX alert_live ON alert (id) WHERE live = 1;
CREATE INDEX alert_forgotten ON alert (gen, id) WHERE live = 0;

CREATE TABLE incident_snapshot (
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  version INTEGER NOT NULL,
  open INTEGER NOT NULL,
  phase TEXT NOT NULL,
  tier INTEGER,
  owner TEXT,
  service TEXT,
  declared_seq INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  box BLOB NOT NULL,
  mac BLOB NOT NULL
) STRICT;
CREATE INDEX incident_by_declaration ON incident_snapshot (declared_seq);
CREATE INDEX incident_open ON incident_snapshot (open, declared_seq);
CREATE INDEX incident_by_change ON incident_snapshot (changed_at);

CREATE TABLE answer (
  actor TEXT NOT NULL,
  command_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  command_hash TEXT NOT NULL,
  status INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  box BLOB NOT NULL,
  mac BLOB NOT NULL,
  PRIMARY KEY (actor, command_id)
) STRICT;

CREATE TABLE setting (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  doc TEXT NOT NULL,
  person_id TEXT,
  key_id TEXT,
  box BLOB,
  mac BLOB NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX setting_by_person ON setting (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE checkpoint (
  id INTEGER PRIMARY KEY,
  pos INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  gen INTEGER NOT NULL,
  begun INTEGER NOT NULL,
  tidied INTEGER NOT NULL,
  void TEXT NOT NULL,
  box BLOB,
  mac BLOB NOT NULL
) STRICT;
`
