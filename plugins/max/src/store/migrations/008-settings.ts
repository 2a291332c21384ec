/** An app's settings, NULL for the default, beside its name: they are its own and not those of a release. */
export const sql = `
ALTER TABLE apps ADD COLUMN healthcheck TEXT;
ALTER TABLE apps ADD COLUMN health_timeout_seconds INTEGER;
ALTER TABLE apps ADD COLUMN drain_timeout_seconds INTEGER;
ALTER TABLE apps ADD COLUMN stop_timeout_seconds INTEGER;
ALTER TABLE apps ADD COLUMN log_max_bytes INTEGER;
ALTER TABLE apps ADD COLUMN log_max_age_days REAL;
UPDATE apps SET healthcheck = (SELECT healthcheck FROM app_runtime WHERE app_id = apps.id);
ALTER TABLE app_runtime DROP COLUMN healthcheck;
`;
