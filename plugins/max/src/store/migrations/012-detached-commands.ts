/** Commands that go on without anybody; a row goes some time after their end, with what they wrote. */
export const sql = `
CREATE TABLE detached_commands (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  app_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  instance TEXT NOT NULL,
  release INTEGER NOT NULL,
  argv TEXT NOT NULL,
  pid INTEGER,
  identity TEXT,
  started_at TEXT NOT NULL,
  ends_at TEXT,
  ending TEXT,
  stdout_start INTEGER NOT NULL DEFAULT 0,
  stderr_start INTEGER NOT NULL DEFAULT 0,
  ended_at TEXT,
  outcome TEXT
) STRICT;
CREATE INDEX detached_commands_app ON detached_commands (app_id, number);
CREATE INDEX detached_commands_user ON detached_commands (user_id, number);
`;
