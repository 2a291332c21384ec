/** Builds, deployments, releases and instances: the runtime's tables. */
export const sql = `
SELECT 1;
`;
