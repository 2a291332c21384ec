/** Whether a deployment builds without the cache of its app; and the upload that a release was built from. */
export const sql = `
ALTER TABLE deployments ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0;
ALTER TABLE releases ADD COLUMN upload_id TEXT NOT NULL DEFAULT '';
UPDATE releases SET upload_id = coalesce(
  (SELECT deployments.upload_id FROM builds JOIN deployments ON deployments.id = builds.deployment_id
    WHERE builds.id = releases.build_id), '');
CREATE INDEX releases_by_upload ON releases (upload_id);
`;
