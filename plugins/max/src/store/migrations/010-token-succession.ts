/** Which refresh token came of which, and whether an access token was ever used: what a lost answer is told by. */
export const sql = `
ALTER TABLE refresh_tokens ADD COLUMN successor TEXT;
ALTER TABLE access_tokens ADD COLUMN refresh_hash TEXT;
ALTER TABLE access_tokens ADD COLUMN used_at TEXT;
`;
