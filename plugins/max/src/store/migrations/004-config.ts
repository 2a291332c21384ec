/** Vars and secrets in every version that a release may have, and what a release and a deployment are made of. */
export const sql = `
-- One row a name and a version in which it changed; a value of NULL is a name that was deleted. Secrets are sealed.
CREATE TABLE app_config (
  app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  value BLOB,
  -- Bytes of the value in the clear.
  size INTEGER NOT NULL,
  -- Keyed; tells whether a new value is another one.
  digest TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (app_id, kind, name, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_config_versions ON app_config (app_id, kind, version);

ALTER TABLE releases ADD COLUMN var_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE releases ADD COLUMN secret_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deployments ADD COLUMN kind TEXT NOT NULL DEFAULT 'deploy';
`;
