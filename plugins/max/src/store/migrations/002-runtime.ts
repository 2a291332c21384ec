/** Builds, deployments, releases and instances: the runtime's tables. */
export const sql = `
CREATE TABLE deployments (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  seq INTEGER NOT NULL,
  upload_id TEXT NOT NULL,
  build_id TEXT,
  version INTEGER,
  failure TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX deployments_by_app ON deployments (app_id, number);
-- One at a time per app, whatever asks.
CREATE UNIQUE INDEX deployments_under_way ON deployments (app_id) WHERE state IN ('queued', 'building', 'releasing');

CREATE TABLE builds (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  deployment_id TEXT NOT NULL,
  state TEXT NOT NULL,
  builder TEXT,
  -- Whether its folder is still on disk.
  kept INTEGER NOT NULL DEFAULT 1,
  started_at TEXT NOT NULL,
  ended_at TEXT
) STRICT;
CREATE INDEX builds_by_app ON builds (app_id, number);

CREATE TABLE releases (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  deployment_id TEXT NOT NULL,
  build_id TEXT NOT NULL,
  builder TEXT NOT NULL,
  processes TEXT NOT NULL,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  digest TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (app_id, version)
) STRICT;

-- How an app is run, and which release serves.
CREATE TABLE app_runtime (
  app_id TEXT PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  current_version INTEGER,
  healthcheck TEXT,
  instances INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Instances that run or should run; a row goes when its process has ended and its output is in the log. No reference to
-- apps: a row must outlive its app for as long as a process may.
CREATE TABLE instances (
  id TEXT PRIMARY KEY,
  app_id TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- Counts its processes: each has output files of its own.
  run INTEGER NOT NULL DEFAULT 0,
  pid INTEGER,
  identity TEXT,
  port INTEGER,
  started_at TEXT,
  restarts INTEGER NOT NULL DEFAULT 0,
  last_exit TEXT,
  -- Set when its end was decided: it is not started again.
  retired INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX instances_by_app ON instances (app_id);
`;
