import { randomUUID } from 'node:crypto';
import type { Reply } from '../unit/max/max-kit.ts';
import { type MaxUnderFire, must } from './max-under-fire.ts';

interface Write {
  method: string;
  path: string;
  json: unknown;
  key: string;
}

/** How many of the last answers are asked for once more. */
const ASKED_AGAIN = 2;

/** Writes one thing after the other, each under a key of its own, so that what a kill left open can be asked once more. */
export class Writer {
  readonly #max: MaxUnderFire;
  #open: Write | undefined;
  #answered: Array<Write & { reply: Reply }> = [];
  acknowledged = 0;
  /** Answers that came again under their key. */
  repeated = 0;

  constructor(max: MaxUnderFire) {
    this.#max = max;
  }

  /** Whether a write was not answered. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Writes; `undefined` where Max was killed before it answered. */
  async write(method: string, path: string, json?: unknown): Promise<Reply | undefined> {
    this.#open = { method, path, json, key: randomUUID() };
    return this.#send();
  }

  /** Repeats what was not answered, under its key: it must then be done, once. */
  async repeat(): Promise<Reply | undefined> {
    if (this.#open === undefined) return undefined;
    const { method, path } = this.#open;
    const reply = await this.#send();
    must(reply !== undefined, `${method} ${path} was not answered by a Max that runs\n${this.#max.lastLog()}`);
    return reply;
  }

  /** Asks for the last answers again: under the same key each must be the same. */
  async checkAnswers(): Promise<void> {
    for (const { method, path, json, key, reply } of this.#answered) {
      const again = await this.#max.sure(method, path, json, key);
      const same = again.status === reply.status && again.text === reply.text;
      must(
        same,
        `${method} ${path} was answered with ${reply.status} ${reply.text}, and again with ${again.status} ${again.text}`,
      );
      must(again.headers['idempotent-replayed'] === 'true', `${method} ${path} was done again under the same key`);
      this.repeated += 1;
    }
    this.#answered = [];
  }

  async #send(): Promise<Reply | undefined> {
    const { method, path, json, key } = this.#open!;
    const reply = await this.#max.ask(method, path, json, key);
    if (reply === undefined) return undefined;
    this.#answered = [...this.#answered, { ...this.#open!, reply }].slice(-ASKED_AGAIN);
    this.#open = undefined;
    if (reply.status < 400) this.acknowledged += 1;
    return reply;
  }
}
