import type { ApiToken, Scope } from '@rig/plugin-api/max';
import type { Database } from './database.ts';
import { newId } from './ids.ts';

type ApiTokenRow = Omit<ApiToken, 'scopes'> & { scopes: string };

const SELECT = `SELECT id, name, scopes, created_at AS createdAt, expires_at AS expiresAt, last_used_at AS lastUsedAt
  FROM api_tokens`;
const asToken = (row: ApiTokenRow): ApiToken => ({ ...row, scopes: row.scopes.split(' ') as Scope[] });
const now = (): string => new Date().toISOString();

/** The API tokens of this Max: hashes, never values. */
export class ApiTokens {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps a new token under the hash of its value. */
  create(token: { userId: string; name: string; hash: string; scopes: readonly Scope[]; expiresAt: string | null }) {
    const id = newId('tok');
    const createdAt = now();
    this.#db.run(
      'INSERT INTO api_tokens (id, user_id, name, hash, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [id, token.userId, token.name, token.hash, token.scopes.join(' '), createdAt, token.expiresAt],
    );
    const { name, scopes, expiresAt } = token;
    return { id, name, scopes: [...scopes], createdAt, expiresAt, lastUsedAt: null } satisfies ApiToken;
  }

  /** Up to `limit` tokens of a user that hold, oldest first, those after the given one. */
  page(userId: string, after: { createdAt: string; id: string }, limit: number): ApiToken[] {
    return this.#db
      .all<ApiTokenRow>(
        `${SELECT} WHERE user_id = ? AND revoked_at IS NULL AND (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?`,
        [userId, after.createdAt, after.id, limit],
      )
      .map(asToken);
  }

  /** A user's token that was not revoked. */
  byId(userId: string, id: string): ApiToken | undefined {
    const row = this.#db.get<ApiTokenRow>(`${SELECT} WHERE user_id = ? AND id = ? AND revoked_at IS NULL`, [
      userId,
      id,
    ]);
    return row && asToken(row);
  }

  /** The token of a value's hash that holds now, and whose it is. */
  byHash(hash: string): (ApiToken & { userId: string; user: string }) | undefined {
    const row = this.#db.get<ApiTokenRow & { userId: string; user: string }>(
      `SELECT t.id, t.name, t.scopes, t.created_at AS createdAt, t.expires_at AS expiresAt,
         t.last_used_at AS lastUsedAt, u.id AS userId, u.name AS user
       FROM api_tokens t JOIN users u ON u.id = t.user_id
       WHERE t.hash = ? AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?)`,
      [hash, now()],
    );
    return row && { ...asToken(row), userId: row.userId, user: row.user };
  }

  /** Notes that the token was used. */
  used(id: string): void {
    this.#db.run('UPDATE api_tokens SET last_used_at = ? WHERE id = ?', [now(), id]);
  }

  /** Revokes a token and every sign-in that was made with it; gives those sign-ins. */
  revoke(id: string): string[] {
    return this.#db.transaction(() => {
      this.#db.run('UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', [now(), id]);
      return this.#db
        .all<{ id: string }>(
          'UPDATE token_families SET revoked_at = ? WHERE api_token_id = ? AND revoked_at IS NULL RETURNING id',
          [now(), id],
        )
        .map((family) => family.id);
    });
  }
}
