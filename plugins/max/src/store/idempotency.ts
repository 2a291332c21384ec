import type { Database } from './database.ts';
import type { Seal } from './seal.ts';

/** How long an answer is kept for its key. */
export const IDEMPOTENCY_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** An answer as it went out. */
export interface KeptAnswer {
  /** The concealed fingerprint of the request that it answered. */
  request: string;
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

const oldest = (): string => new Date(Date.now() - IDEMPOTENCY_LIFETIME_MS).toISOString();

/** Answers that are kept for their `Idempotency-Key`; sealed, as one may hold the only sight of a token. */
export class IdempotentAnswers {
  readonly #db: Database;
  readonly #seal: Seal;

  constructor(db: Database, seal: Seal) {
    this.#db = db;
    this.#seal = seal;
  }

  /** What stands for a request in the database: keyed, as a plain digest of a body with a secret could be guessed back. */
  conceal(request: string): string {
    return this.#seal.digest('request', request);
  }

  /** What was answered to this user under this key. */
  find(userId: string, key: string): KeptAnswer | undefined {
    const row = this.#db.get<{ request: string; status: number; headers: string; body: Buffer }>(
      'SELECT request, status, headers, body FROM idempotency WHERE user_id = ? AND key = ? AND created_at > ?',
      [userId, key, oldest()],
    );
    return (
      row && {
        request: row.request,
        status: row.status,
        headers: JSON.parse(row.headers) as Record<string, string>,
        body: this.#seal.open(row.body),
      }
    );
  }

  /** Keeps an answer. */
  keep(userId: string, key: string, answer: KeptAnswer): void {
    this.#db.run(
      `INSERT INTO idempotency (user_id, key, request, status, headers, body, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (user_id, key) DO UPDATE SET request = excluded.request, status = excluded.status,
         headers = excluded.headers, body = excluded.body, created_at = excluded.created_at`,
      [
        userId,
        key,
        answer.request,
        answer.status,
        JSON.stringify(answer.headers),
        this.#seal.close(answer.body),
        new Date().toISOString(),
      ],
    );
  }

  /** Forgets those whose day is over. */
  removeExpired(): void {
    this.#db.run('DELETE FROM idempotency WHERE created_at <= ?', [oldest()]);
  }
}
