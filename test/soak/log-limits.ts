import type { AppDetails } from '@rig/plugin-api/max';
import type { ChaosRandom } from '../support/chaos-random.ts';
import { eventually, type MaxUnderFire, must } from './max-under-fire.ts';
import { SteadyApp } from './steady-app.ts';
import { Writer } from './writer.ts';

const APP = '/v1/networks/base/apps/noisy';
const LEAST = 1_000_000;

/** The log is read at every fourth check alone, so that lines are dropped that nobody has read. */
const READ_EVERY = 4;

/** What one append may put beyond a limit, until the next. */
const SLACK = 256 * 1024;

/** An app that writes much, whose log is given other limits: what is beyond is dropped, said to be, and nothing else. */
export class LogLimits {
  readonly #max: MaxUnderFire;
  readonly #random: ChaosRandom;
  readonly app: SteadyApp;
  readonly writer: Writer;
  #maxBytes = LEAST;
  #open = LEAST;
  #checks = 0;

  constructor(max: MaxUnderFire, random: ChaosRandom) {
    this.#max = max;
    this.#random = random;
    this.app = new SteadyApp(max, 'base', 'noisy');
    this.writer = new Writer(max);
  }

  async start(): Promise<void> {
    await this.app.start({ padding: 2000, everyMs: 5 });
    await this.#max.sure('PATCH', APP, { logs: { maxBytes: LEAST } });
  }

  /** Sets one limit after the other until Max answers no more. */
  async work(): Promise<void> {
    for (;;) {
      this.#open = LEAST * this.#random.between(1, 4) + this.#random.between(0, 1000);
      const reply = await this.writer.write('PATCH', APP, { logs: { maxBytes: this.#open } });
      if (reply === undefined) return;
      this.#note(reply);
    }
  }

  async check(): Promise<void> {
    const reply = await this.writer.repeat();
    if (reply !== undefined) this.#note(reply);
    await this.writer.checkAnswers();
    this.#checks += 1;
    if (this.#checks % READ_EVERY === 0) await this.app.log.check();
    await eventually('the log of noisy is to be held to its limit', async () => {
      const { logs } = (await this.#max.sure('GET', `${APP}/details`)).json as AppDetails;
      must(logs.maxBytes === this.#maxBytes, `the log of noisy has the limit ${logs.maxBytes}, not ${this.#maxBytes}`);
      return logs.keptBytes <= this.#maxBytes + SLACK ? { found: true } : `${logs.keptBytes} of ${logs.maxBytes}`;
    });
  }

  #note({ status, text }: { status: number; text: string }): void {
    must(status === 200, `a limit of a log was answered with ${status}: ${text}`);
    this.#maxBytes = this.#open;
  }
}
