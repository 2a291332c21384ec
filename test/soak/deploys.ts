import type { Deployment, Release } from '@rig/plugin-api/max';
import { fileEntry, packed } from '../unit/max/max-kit.ts';
import { until } from '../unit/max/runtime/kit.ts';
import { type MaxUnderFire, must } from './max-under-fire.ts';

/** A folder to deploy: text by path. */
type Tree = Record<string, string>;

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
  #unfinished: string[] = [];
  #count = 0;
  #appId = '';
  acknowledged = 0;
  interrupted = 0;

  /** @param processes of how many processes an instance consists */
  constructor(max: MaxUnderFire, network: string, name: string, processes = 1) {
    this.#processes = processes;
    this.#max = max;
    this.#path = `/v1/networks/${network}/apps/${name}`;
    this.#host = `${name}.${network}`;
  }

  /** Makes the app, and deploys it once to its end. */
  async first(tree: Tree, text: string): Promise<string> {
    const name = this.#path.split('/').at(-1);
    const { json } = await this.#max.sure('POST', this.#path.replace(/\/[^/]+$/, ''), { name });
    this.#appId = json.id;
    must(await this.#deploy(tree, text), `${this.#host} cannot be deployed`);
    await this.settle();
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
      const done = await until(async () => {
        const reply = await this.#max.ask('GET', `${this.#path}/deployments/${this.#unfinished.at(-1)}`);
        return reply === undefined ? 'killed' : isFinal(reply.json) ? 'ended' : undefined;
      });
      if (done === 'killed') return;
    }
  }

  /** Waits until every acknowledged deployment has ended, and compares what serves with what they say. */
  async settle(): Promise<void> {
    for (const id of this.#unfinished) {
      const ended = await until(async () => {
        const { status, json } = await this.#max.sure('GET', `${this.#path}/deployments/${id}`);
        must(status === 200, `deployment ${id} was acknowledged and is not there`);
        return isFinal(json) ? (json as Deployment) : undefined;
      });
      const { state, failure } = ended;
      const fine = state === 'healthy' || (state === 'failed' && failure?.code === 'RIG_DEPLOY_INTERRUPTED');
      must(fine, `deployment ${id} ended as ${state}: ${JSON.stringify(failure)}`);
      if (state === 'failed') this.interrupted += 1;
    }
    this.#unfinished = [];
    await this.#checkServing();
  }

  async #checkServing(): Promise<void> {
    const releases: Release[] = (await this.#max.sure('GET', `${this.#path}/releases?limit=500`)).json.items;
    const current = releases.find((release) => release.current);
    must(current !== undefined, `${this.#host} has no current release`);
    const builds = (await this.#max.sure('GET', `${this.#path}/builds`)).json.items as Array<{ state: string }>;
    must(!builds.some(({ state }) => state === 'running'), `a build of ${this.#host} runs though nothing is under way`);
    const answer = await this.#max.app(this.#host);
    const wanted = this.#texts.get(current.deploymentId);
    must(answer.status === 200, `${this.#host} answered ${answer.status} right after Max was up: ${answer.text}`);
    must(
      wanted === undefined || answer.text.startsWith(`${wanted} `),
      `${this.#host} serves ${answer.text} and not ${wanted}`,
    );
    // Its own processes, and no others once the ones before have ended.
    const pid = Number(answer.text.split(' ')[1]);
    await until(async () => {
      const found = this.#max.processesOf(this.#appId);
      return found === undefined || (found.length === this.#processes && found.includes(pid)) ? true : undefined;
    });
  }

  async #deploy(tree: Tree, text: string): Promise<boolean> {
    const entries = Object.entries(tree).map(([path, content]) => fileEntry(path, content));
    const upload = await this.#max.ask('POST', `${this.#path}/uploads`, { entries });
    if (upload === undefined) return false;
    const pack = Buffer.concat(Object.values(tree).map((content) => packed(content)));
    if ((await this.#max.sendPack(`${this.#path}/uploads/${upload.json.id}/packs`, pack)) === undefined) return false;
    const made = await this.#max.ask('POST', `${this.#path}/deployments`, { upload: upload.json.id });
    if (made === undefined) return false;
    must(made.status === 202, `deploying ${text} was answered with ${made.status}: ${made.text}`);
    this.acknowledged += 1;
    this.#texts.set(made.json.id, text);
    this.#unfinished.push(made.json.id);
    return true;
  }
}

const isFinal = ({ state }: Deployment): boolean => state === 'healthy' || state === 'failed' || state === 'cancelled';
