/** An app that is being removed: found by nobody, and removed to the end by the next start where Max was killed amid it. */
export const sql = `
ALTER TABLE apps ADD COLUMN removing INTEGER NOT NULL DEFAULT 0;
`;
