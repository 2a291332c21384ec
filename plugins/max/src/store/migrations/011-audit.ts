/** What was done inside apps and networks, and by whom. No references: a line outlives what it is about. */
export const sql = `
CREATE TABLE audit (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  at TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user TEXT NOT NULL,
  token_id TEXT,
  token_name TEXT,
  action TEXT NOT NULL,
  network_id TEXT NOT NULL,
  network TEXT NOT NULL,
  app_id TEXT,
  app TEXT,
  instance TEXT,
  release INTEGER,
  -- What was run or reached, without values of vars and secrets.
  what TEXT,
  address TEXT NOT NULL,
  session TEXT NOT NULL,
  -- Whether it goes on without Max.
  outlives INTEGER NOT NULL DEFAULT 0,
  ended_at TEXT,
  -- JSON: how it ended.
  end TEXT,
  bytes_in INTEGER NOT NULL DEFAULT 0,
  bytes_out INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX audit_by_app ON audit (app_id, number);
CREATE INDEX audit_by_network ON audit (network_id, number);
CREATE INDEX audit_by_session ON audit (session);
CREATE INDEX audit_open ON audit (number) WHERE ended_at IS NULL;
`;
