import type { ApiToken } from '@rig/plugin-api/max';
import { type MaxUnderFire, must } from './max-under-fire.ts';
import { Writer } from './writer.ts';

interface Token {
  id: string;
  token: string;
}

/** Makes and revokes API tokens. */
export class Tokens {
  readonly #max: MaxUnderFire;
  readonly writer: Writer;
  readonly #holding = new Map<string, Token>();
  #revoked: Token[] = [];
  #revoking: Token | undefined;
  #count = 0;

  constructor(max: MaxUnderFire) {
    this.#max = max;
    this.writer = new Writer(max);
  }

  /** Makes one token after the other, and revokes every other one, until Max answers no more. */
  async work(): Promise<void> {
    for (;;) {
      this.#count += 1;
      const made = await this.writer.write('POST', '/v1/tokens', { name: `token ${this.#count}`, scopes: ['read'] });
      if (made === undefined) return;
      this.#made(made.json);
      if (this.#count % 2 === 0) continue;
      if (!(await this.#revoke(made.json))) return;
    }
  }

  /** A token holds until it is revoked, and never again after; each is there once. */
  async check(): Promise<void> {
    const reply = await this.writer.repeat();
    if (reply !== undefined && this.#revoking !== undefined) this.#revokedBy(reply.status);
    else if (reply !== undefined) this.#made(reply.json);
    await this.writer.checkAnswers();
    for (const { id, token } of this.#holding.values())
      must((await this.#status(token)) === 200, `the token ${id} was acknowledged and does not hold`);
    for (const { id, token } of this.#revoked)
      must((await this.#status(token)) === 401, `the token ${id} was revoked and holds again`);
    const listed = (await this.#max.list<ApiToken>('/v1/tokens')).filter(({ name }) => name.startsWith('token '));
    const wanted = [...this.#holding.keys()];
    must(
      listed
        .map(({ id }) => id)
        .sort()
        .join() === wanted.sort().join(),
      `Max lists the tokens ${listed.map(({ name }) => name)}, and has acknowledged ${wanted.length}`,
    );
    this.#revoked = [];
    // So that a long run stays quick.
    for (const token of [...this.#holding.values()].slice(0, -3))
      must(await this.#revoke(token), `the token ${token.id} cannot be revoked`);
  }

  #made({ id, token }: Token): void {
    this.#holding.set(id, { id, token });
  }

  async #revoke(token: Token): Promise<boolean> {
    this.#revoking = token;
    const reply = await this.writer.write('DELETE', `/v1/tokens/${token.id}`);
    if (reply === undefined) return false;
    this.#revokedBy(reply.status);
    return true;
  }

  #revokedBy(status: number): void {
    const { id } = this.#revoking!;
    must(status === 204, `revoking the token ${id} was answered with ${status}`);
    this.#holding.delete(id);
    this.#revoked.push(this.#revoking!);
    this.#revoking = undefined;
  }

  async #status(token: string): Promise<number | undefined> {
    return (await this.#max.ask('GET', '/v1/whoami', undefined, undefined, token))?.status;
  }
}
