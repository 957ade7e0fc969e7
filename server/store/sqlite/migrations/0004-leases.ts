/** Who has the right to do something once, until when. Not part of the record: it is worth nothing when its time is over. */
export const leases = `
CREATE TABLE lease (
  key TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_by_end ON lease (until);
`
