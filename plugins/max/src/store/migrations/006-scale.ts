/** How many instances a deployment starts, where it changes that. */
export const sql = `
ALTER TABLE deployments ADD COLUMN instances INTEGER;
`;
