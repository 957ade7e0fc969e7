/** Lost property: one row for each member of a logged request that could not be read. */
export const lost = `
CREATE TABLE lost (
  pos INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  members TEXT NOT NULL,
  state TEXT NOT NULL,
  changed_at INTEGER,
  changed_by TEXT,
  tries INTEGER NOT NULL,
  found_pos INTEGER,
  mac BLOB NOT NULL,
  PRIMARY KEY (pos, idx)
) STRICT, WITHOUT ROWID;
`
