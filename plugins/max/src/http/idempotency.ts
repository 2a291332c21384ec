import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { IdempotentAnswers, KeptAnswer } from '../store/idempotency.ts';
import { KeyedLine } from './keyed-line.ts';
import { ProblemError } from './problem-error.ts';

/**
 * Reads the `Idempotency-Key`.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400) for one that is no key
 */
export function idempotencyKeyOf(incoming: IncomingMessage): string | undefined {
  const key = incoming.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the Idempotency-Key must be 1 to 255 visible ASCII characters');
}

/** Names a request: two with the same fingerprint ask for the same thing. */
export function fingerprint(incoming: IncomingMessage, body: Buffer): string {
  const { method, url, headers } = incoming;
  const head = JSON.stringify([method, url, headers['content-type'] ?? '', headers['if-match'] ?? '']);
  return createHash('sha256').update(head).update(body).digest('hex');
}

/** Answers a request once per key: the same request gets the same answer again, another one is refused. */
export class Idempotency {
  readonly #answers: IdempotentAnswers;
  readonly #line = new KeyedLine();

  constructor(answers: IdempotentAnswers) {
    this.#answers = answers;
  }

  /**
   * Gives the kept answer, or lets `answer` make and keep one.
   *
   * @param answer is given what keeps an answer, to be called in its transaction
   * @throws ProblemError `RIG_IDEMPOTENCY_CONFLICT` (422) where the key was used for another request
   */
  async once(
    userId: string,
    key: string,
    plainRequest: string,
    answer: (keep: (kept: Omit<KeptAnswer, 'request'>) => void) => Promise<Omit<KeptAnswer, 'request'>>,
  ): Promise<Omit<KeptAnswer, 'request'>> {
    const request = this.#answers.conceal(plainRequest);
    return await this.#line.run(`${userId} ${key}`, async () => {
      const kept = this.#answers.find(userId, key);
      if (kept === undefined) return await answer((made) => this.#answers.keep(userId, key, { ...made, request }));
      if (kept.request !== request)
        throw new ProblemError(422, 'RIG_IDEMPOTENCY_CONFLICT', 'the Idempotency-Key was used for another request', {
          fix: 'use a key of its own for each request',
        });
      return { ...kept, headers: { ...kept.headers, 'idempotent-replayed': 'true' } };
    });
  }
}
