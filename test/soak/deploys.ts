import { processesOf } from './app-processes.ts';
import { DeploymentLedger, type Tree } from './deployment-ledger.ts';
import { eventually, type MaxUnderFire, must } from './max-under-fire.ts';
import { Writer } from './writer.ts';

const SERVER = (text: string, more: string): string => `
  const { createServer } = require('node:http');
  ${more}
  createServer((_, answer) => answer.end(${JSON.stringify(text)} + ' ' + process.pid)).listen(process.env.PORT, '127.0.0.1');
`;

/** A Node app that answers with a text and its process, and may do more. */
export function appTree(text: string, options: { more?: string; start?: string; build?: string } = {}): Tree {
  const { more = '', start = 'node server.js', build } = options;
  const scripts = { start, ...(build === undefined ? {} : { build }) };
  return { 'package.json': JSON.stringify({ scripts }), 'server.js': SERVER(text, more) };
}

/** One app that is deployed again and again while Max is killed. */
export class Deploys {
  readonly #max: MaxUnderFire;
  readonly #path: string;
  readonly #host: string;
  readonly #processes: number;
  readonly #texts = new Map<string, string>();
  readonly writer: Writer;
  readonly ledger: DeploymentLedger;
  #count = 0;
  #appId = '';

  /** @param processes of how many processes an instance consists */
  constructor(max: MaxUnderFire, network: string, name: string, processes = 1) {
    this.#processes = processes;
    this.#max = max;
    this.#path = `/v1/networks/${network}/apps/${name}`;
    this.#host = `${name}.${network}`;
    this.writer = new Writer(max);
    this.ledger = new DeploymentLedger(max, this.#path);
  }

  /** Makes the app, and deploys it once to its end. */
  async first(tree: Tree, text: string): Promise<string> {
    const name = this.#path.split('/').at(-1);
    const { json } = await this.#max.sure('POST', this.#path.replace(/\/[^/]+$/, ''), { name });
    this.#appId = json.id;
    must(await this.#deploy(tree, text), `${this.#host} cannot be deployed`);
    await this.check();
    return this.#appId;
  }

  /** Deploys one version after the other until Max answers no more. */
  async work(): Promise<void> {
    for (;;) {
      this.#count += 1;
      const text = `text-${this.#count}`;
      // Every third build lasts for a while, so that kills find one under way.
      const build = this.#count % 3 === 0 ? { build: 'node -e "setTimeout(() => {}, 200)"' } : {};
      if (!(await this.#deploy(appTree(text, build), text))) return;
      if ((await this.ledger.ended()) === undefined) return;
    }
  }

  /** Waits until every acknowledged deployment has ended, and compares what serves with what they say. */
  async check(): Promise<void> {
    const reply = await this.writer.repeat();
    if (reply !== undefined) {
      must(reply.status === 202, `a deployment that was repeated was answered with ${reply.status}: ${reply.text}`);
      this.#texts.set(this.ledger.note(reply.json).id, `text-${this.#count}`);
    }
    await this.ledger.settle();
    await this.writer.checkAnswers();
    await this.#checkServing();
  }

  async #checkServing(): Promise<void> {
    const current = (await this.ledger.checkLists()).find((release) => release.current)!;
    const last = this.ledger.lastHealthy?.id;
    must(current.deploymentId === last, `${this.#host} serves v${current.version}, and not what ${last} made`);
    const answer = await this.#max.app(this.#host);
    const wanted = this.#texts.get(current.deploymentId);
    must(answer.status === 200, `${this.#host} answered ${answer.status} right after Max was up: ${answer.text}`);
    must(answer.text.startsWith(`${wanted} `), `${this.#host} serves ${answer.text} and not ${wanted}`);
    // Its own processes, and no others once the ones before have ended.
    const pid = Number(answer.text.split(' ')[1]);
    await eventually(`the processes of ${this.#host}, which is served by ${pid}`, async () => {
      const found = processesOf(this.#max.dir, this.#appId);
      const fine = found === undefined || (found.length === this.#processes && found.includes(pid));
      return fine ? { found } : `are ${found}`;
    });
  }

  async #deploy(tree: Tree, text: string): Promise<boolean> {
    const made = await this.ledger.deploy(this.writer, tree);
    if (made === undefined) return false;
    this.#texts.set(made.id, text);
    return true;
  }
}
