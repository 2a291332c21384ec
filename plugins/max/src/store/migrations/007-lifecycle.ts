/** Stopped apps, and how many instances run of each process type: by type in place of one number. */
export const sql = `
-- Set by a person: the app's instances do not run until it is started.
ALTER TABLE app_runtime ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0;
-- JSON by process type; a type that is not in it has one instance.
ALTER TABLE app_runtime ADD COLUMN formation TEXT NOT NULL DEFAULT '{}';
UPDATE app_runtime SET formation = json_object('web', instances) WHERE instances <> 1;
ALTER TABLE app_runtime DROP COLUMN instances;

-- What a scale changes of the formation.
ALTER TABLE deployments ADD COLUMN formation TEXT;
UPDATE deployments SET formation = json_object('web', instances) WHERE instances IS NOT NULL;
ALTER TABLE deployments DROP COLUMN instances;
-- Whether the app is stopped as of the deployment's state.
ALTER TABLE deployments ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0;
`;
