/** The release that a rollback takes its code and configuration from. */
export const sql = `
ALTER TABLE deployments ADD COLUMN of_version INTEGER;
`;
