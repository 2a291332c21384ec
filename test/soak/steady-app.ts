import { processesOf } from './app-processes.ts';
import { CountingLog } from './counting-log.ts';
import { appTree, Deploys } from './deploys.ts';
import { type MaxUnderFire, must } from './max-under-fire.ts';

/** An app that counts in its log and is never deployed again: it must outlive every Max, with every line once. */
export class SteadyApp {
  readonly #max: MaxUnderFire;
  readonly #network: string;
  readonly #name: string;
  readonly log: CountingLog;
  #pid = '';
  appId = '';

  constructor(max: MaxUnderFire, network: string, name: string) {
    this.#max = max;
    this.#network = network;
    this.#name = name;
    this.log = new CountingLog(max, `/v1/networks/${network}/apps/${name}`);
  }

  /** @param line how it pads its lines, and @param everyMs how often it writes one */
  async start(line: { padding: number; everyMs: number }): Promise<void> {
    const pad = line.padding === 0 ? '' : ` + ' ' + 'x'.repeat(${line.padding})`;
    const more = `let line = 0; setInterval(() => console.log('line ' + ++line${pad}), ${line.everyMs});`;
    this.appId = await new Deploys(this.#max, this.#network, this.#name).first(appTree('steady', { more }), 'steady');
    this.#pid = (await this.#max.app(`${this.#name}.${this.#network}`)).text;
  }

  /** To be called as soon as Max says that it is up. */
  async checkAdopted(): Promise<void> {
    const { status, text } = await this.#max.app(`${this.#name}.${this.#network}`);
    must(status === 200, `the app ${this.#name} answered ${status} right after Max was up: ${text}`);
    must(text === this.#pid, `the app ${this.#name} was ${this.#pid} and is ${text}: it was not adopted`);
    const processes = processesOf(this.#max.dir, this.appId);
    must(processes === undefined || processes.length === 1, `the app ${this.#name} runs as the processes ${processes}`);
  }
}
