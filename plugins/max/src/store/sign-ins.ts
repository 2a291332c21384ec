import type { Scope } from '@rig/plugin-api/max';
import type { Database } from './database.ts';
import { newId } from './ids.ts';

/** One sign-in: the family of tokens that came out of one exchange. */
export interface SignIn {
  id: string;
  userId: string;
  user: string;
  apiTokenId: string | null;
  scopes: Scope[];
}

type SignInRow = Omit<SignIn, 'scopes'> & { scopes: string };
type Found<Extra> = (SignIn & Extra) | undefined;

const COLUMNS = 'f.id, f.user_id AS userId, u.name AS user, f.api_token_id AS apiTokenId, f.scopes';
// A sign-in holds as long as the API token it was made with.
const FROM = `FROM %TABLE% t JOIN token_families f ON f.id = t.family_id JOIN users u ON u.id = f.user_id
  LEFT JOIN api_tokens a ON a.id = f.api_token_id
  WHERE t.hash = ? AND f.revoked_at IS NULL AND a.revoked_at IS NULL
    AND (a.expires_at IS NULL OR a.expires_at > ?) AND t.expires_at > ?`;

/** Sign-ins and their access and refresh tokens: hashes, never values. */
export class SignIns {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Begins a family. */
  create(of: { userId: string; apiTokenId: string; scopes: readonly Scope[] }): string {
    const id = newId('fam');
    this.#db.run('INSERT INTO token_families (id, user_id, api_token_id, scopes, created_at) VALUES (?, ?, ?, ?, ?)', [
      id,
      of.userId,
      of.apiTokenId,
      of.scopes.join(' '),
      new Date().toISOString(),
    ]);
    return id;
  }

  /** Keeps a pair of tokens of a family. */
  addPair(
    familyId: string,
    pair: { access: [hash: string, expiresAt: string]; refresh: [hash: string, expiresAt: string] },
  ) {
    const [accessHash, accessExpires] = pair.access;
    const [refreshHash, refreshExpires] = pair.refresh;
    this.#db.run('INSERT INTO access_tokens (hash, family_id, expires_at, refresh_hash) VALUES (?, ?, ?, ?)', [
      accessHash,
      familyId,
      accessExpires,
      refreshHash,
    ]);
    this.#db.run('INSERT INTO refresh_tokens (hash, family_id, expires_at) VALUES (?, ?, ?)', [
      refreshHash,
      familyId,
      refreshExpires,
    ]);
  }

  /** The sign-in of an access token that holds now. */
  byAccess(hash: string): Found<{ expiresAt: string; usedAt: string | null }> {
    return this.#find('access_tokens', 't.expires_at AS expiresAt, t.used_at AS usedAt', hash);
  }

  /** Notes that an access token was used: whoever asked for it has got it. */
  useAccess(hash: string): void {
    this.#db.run('UPDATE access_tokens SET used_at = ? WHERE hash = ?', [new Date().toISOString(), hash]);
  }

  /** The sign-in of a refresh token, used ones too. */
  byRefresh(hash: string): Found<{ usedAt: string | null; successor: string | null }> {
    return this.#find('refresh_tokens', 't.used_at AS usedAt, t.successor', hash);
  }

  /** Notes that a refresh token was exchanged for another; when that happened first is kept. */
  useRefresh(hash: string, successor: string): void {
    this.#db.run('UPDATE refresh_tokens SET used_at = coalesce(used_at, ?), successor = ? WHERE hash = ?', [
      new Date().toISOString(),
      successor,
      hash,
    ]);
  }

  /** Whether neither a refresh token nor the access token that came with it was ever used. */
  isUntouched(refreshHash: string): boolean {
    const touched = this.#db.get(
      `SELECT 1 FROM refresh_tokens WHERE hash = ? AND used_at IS NOT NULL
       UNION ALL SELECT 1 FROM access_tokens WHERE refresh_hash = ? AND used_at IS NOT NULL`,
      [refreshHash, refreshHash],
    );
    return touched === undefined;
  }

  /** Takes back a pair that nobody has got: its refresh token counts as used, its access token holds no more. */
  takeBack(refreshHash: string): void {
    this.#db.run('UPDATE refresh_tokens SET used_at = ?, successor = NULL WHERE hash = ?', [
      new Date().toISOString(),
      refreshHash,
    ]);
    this.#db.run('DELETE FROM access_tokens WHERE refresh_hash = ?', [refreshHash]);
  }

  /** The family of any of its tokens, whether it holds or not. */
  familyOf(hash: string): string | undefined {
    return this.#db.get<{ id: string }>(
      'SELECT family_id AS id FROM access_tokens WHERE hash = ? UNION SELECT family_id FROM refresh_tokens WHERE hash = ?',
      [hash, hash],
    )?.id;
  }

  /** Ends a sign-in: none of its tokens holds any more. */
  revoke(familyId: string): void {
    this.#db.run('UPDATE token_families SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', [
      new Date().toISOString(),
      familyId,
    ]);
  }

  /** Forgets tokens whose time is over, and sign-ins that have none left. */
  removeExpired(): void {
    const time = new Date().toISOString();
    this.#db.transaction(() => {
      this.#db.run('DELETE FROM access_tokens WHERE expires_at < ?', [time]);
      this.#db.run('DELETE FROM refresh_tokens WHERE expires_at < ?', [time]);
      this.#db.run(
        `DELETE FROM token_families WHERE NOT EXISTS (SELECT 1 FROM access_tokens t WHERE t.family_id = token_families.id)
           AND NOT EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.family_id = token_families.id)`,
      );
    });
  }

  #find<Extra>(table: string, extra: string, hash: string): Found<Extra> {
    const time = new Date().toISOString();
    const row = this.#db.get<SignInRow & Extra>(`SELECT ${COLUMNS}, ${extra} ${FROM.replace('%TABLE%', table)}`, [
      hash,
      time,
      time,
    ]);
    return row && { ...row, scopes: row.scopes.split(' ') as Scope[] };
  }
}
