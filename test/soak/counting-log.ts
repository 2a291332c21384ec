import type { LogPage } from '@rig/plugin-api/max';
import { eventually, type MaxUnderFire, must } from './max-under-fire.ts';

/** Reads on in the log of an app that counts in it: each number once and in order, but for what was dropped and is said to be. */
export class CountingLog {
  readonly #max: MaxUnderFire;
  readonly #path: string;
  #seq = 0;
  #number = 0;
  /** Lines since the last number that were dropped. */
  #missed = 0;
  /** Lines that were read. */
  lines = 0;
  /** Lines that retention had dropped before they were read. */
  dropped = 0;

  /** @param path of the app in the API */
  constructor(max: MaxUnderFire, path: string) {
    this.#max = max;
    this.#path = path;
  }

  /** Reads until new lines have come and none is left. */
  async check(): Promise<void> {
    const before = this.lines;
    await eventually(`no new lines in the log of ${this.#path}`, async () => {
      const { json } = await this.#max.sure('GET', `${this.#path}/logs?lines=10000&after=${this.#seq}`);
      this.#take(json as LogPage);
      return this.lines > before && json.last === this.#seq ? { found: true } : `${this.lines} so far`;
    });
  }

  #take({ gap, lines }: LogPage): void {
    if (gap) {
      must(gap.from === this.#seq + 1 && gap.to >= gap.from, `a gap from ${gap.from} to ${gap.to} after ${this.#seq}`);
      this.#missed += gap.to - this.#seq;
      this.dropped += gap.to - this.#seq;
      this.#seq = gap.to;
    }
    for (const { seq, text } of lines) {
      must(seq === this.#seq + 1, `line ${seq} of the log of ${this.#path} follows line ${this.#seq}`);
      this.#seq = seq;
      const number = Number(/^line (\d+)/.exec(text)?.[1]);
      if (Number.isNaN(number)) continue;
      // It alone writes in its log once it counts.
      const fine = this.#number === 0 || number === this.#number + 1 + this.#missed;
      must(fine, `the app's line ${number} follows its line ${this.#number}, with ${this.#missed} dropped between`);
      this.#missed = 0;
      this.#number = number;
      this.lines += 1;
    }
  }
}
