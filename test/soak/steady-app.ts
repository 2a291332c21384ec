import type { LogLine } from '@rig/plugin-api/max';
import { until } from '../unit/max/runtime/kit.ts';
import { appTree, Deploys } from './deploys.ts';
import { type MaxUnderFire, must } from './max-under-fire.ts';

const COUNTS = 'let line = 0; setInterval(() => console.log("line " + ++line), 2);';

/** An app that counts in its log and is never deployed again: it must outlive every Max, with every line once. */
export class SteadyApp {
  readonly #max: MaxUnderFire;
  readonly #network: string;
  #pid = '';
  #appId = '';
  #seq = 0;
  lines = 0;

  constructor(max: MaxUnderFire, network: string) {
    this.#max = max;
    this.#network = network;
  }

  async start(): Promise<void> {
    this.#appId = await new Deploys(this.#max, this.#network, 'steady').first(
      appTree('steady', { more: COUNTS }),
      'steady',
    );
    this.#pid = (await this.#max.app(`steady.${this.#network}`)).text;
  }

  /** To be called as soon as Max says that it is up. */
  async checkAdopted(): Promise<void> {
    const { status, text } = await this.#max.app(`steady.${this.#network}`);
    must(status === 200, `the steady app answered ${status} right after Max was up: ${text}`);
    must(text === this.#pid, `the steady app was ${this.#pid} and is ${text}: it was not adopted`);
    const processes = this.#max.processesOf(this.#appId);
    must(processes === undefined || processes.length === 1, `the steady app runs as the processes ${processes}`);
  }

  /** Reads on in its log until new lines have come: numbers without a hole, each line once. */
  async checkLog(): Promise<void> {
    const before = this.lines;
    await until(async () => {
      const path = `/v1/networks/${this.#network}/apps/steady/logs?lines=10000&after=${this.#seq}`;
      const { json } = await this.#max.sure('GET', path);
      for (const { seq, text } of json.lines as LogLine[]) {
        must(seq === this.#seq + 1, `line ${seq} of the log follows line ${this.#seq}`);
        this.#seq = seq;
        const number = /^line (\d+)$/.exec(text)?.[1];
        if (number === undefined) continue;
        must(Number(number) === this.lines + 1, `the app's line ${number} follows its line ${this.lines}`);
        this.lines += 1;
      }
      return this.lines > before && json.last === this.#seq ? true : undefined;
    });
  }
}
