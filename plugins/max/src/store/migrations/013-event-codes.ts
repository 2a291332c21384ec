/** Why something failed, as a stable code beside the sentence that tells of it. */
export const sql = `
ALTER TABLE events ADD COLUMN code TEXT;
`;
