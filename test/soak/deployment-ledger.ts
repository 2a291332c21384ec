import { type Deployment, FINAL_STATES, type Release } from '@rig/plugin-api/max';
import { fileEntry, packed } from '../unit/max/max-kit.ts';
import { eventually, type MaxUnderFire, must } from './max-under-fire.ts';
import type { Writer } from './writer.ts';

/** A folder to deploy: text by path. */
export type Tree = Record<string, string>;

/** The deployments of one app that Max has acknowledged. */
export class DeploymentLedger {
  readonly #max: MaxUnderFire;
  readonly #path: string;
  #open: string[] = [];
  readonly #all = new Set<string>();
  /** Of the last that became healthy. */
  lastHealthy: Deployment | undefined;
  /** How many a kill, or the end of Max, has ended. */
  interrupted = 0;

  /** @param path of the app in the API */
  constructor(max: MaxUnderFire, path: string) {
    this.#max = max;
    this.#path = path;
  }

  get acknowledged(): number {
    return this.#all.size;
  }

  /** Uploads a tree and begins its deployment; `undefined` where Max was killed before it acknowledged that. */
  async deploy(writer: Writer, tree: Tree): Promise<Deployment | undefined> {
    const entries = Object.entries(tree).map(([path, content]) => fileEntry(path, content));
    const upload = await this.#max.ask('POST', `${this.#path}/uploads`, { entries });
    if (upload === undefined) return undefined;
    must(upload.status === 201, `an upload was answered with ${upload.status}: ${upload.text}`);
    const pack = Buffer.concat(Object.values(tree).map((content) => packed(content)));
    if ((await this.#max.sendPack(`${this.#path}/uploads/${upload.json.id}/packs`, pack)) === undefined)
      return undefined;
    const made = await writer.write('POST', `${this.#path}/deployments`, { upload: upload.json.id });
    if (made === undefined) return undefined;
    must(made.status === 202, `deploying was answered with ${made.status}: ${made.text}`);
    return this.note(made.json);
  }

  /** Notes a deployment that Max has acknowledged. */
  note(deployment: Deployment): Deployment {
    if (!this.#all.has(deployment.id)) this.#open.push(deployment.id);
    this.#all.add(deployment.id);
    return deployment;
  }

  /** Waits until the last one has ended; `undefined` where Max was killed meanwhile. */
  async ended(): Promise<Deployment | undefined> {
    const ended = await eventually(`the last deployment of ${this.#path} does not end`, async () => {
      const reply = await this.#max.ask('GET', `${this.#path}/deployments/${this.#open.at(-1)}`);
      if (reply === undefined) return { found: undefined };
      return isFinal(reply.json) ? { found: reply.json as Deployment } : reply.text;
    });
    if (ended !== undefined) this.#end(ended);
    return ended;
  }

  /** Waits until every acknowledged one has ended: well, or by a kill with that reason. Gives those that ended now. */
  async settle(): Promise<Deployment[]> {
    const ended: Deployment[] = [];
    for (const id of [...this.#open])
      ended.push(
        await eventually(`deployment ${id} does not end`, async () => {
          const { status, json, text } = await this.#max.sure('GET', `${this.#path}/deployments/${id}`);
          must(status === 200, `deployment ${id} was acknowledged and is not there: ${text}`);
          return isFinal(json) ? { found: json as Deployment } : text;
        }),
      );
    for (const deployment of ended) this.#end(deployment);
    return ended;
  }

  /** Checks the lists: every acknowledged deployment is in them, none for ever under way, and the releases have no hole. */
  async checkLists(): Promise<Release[]> {
    const deployments = await this.#max.list<Deployment>(`${this.#path}/deployments`);
    const listed = new Set(deployments.map(({ id }) => id));
    const lost = [...this.#all].filter((id) => !listed.has(id));
    must(lost.length === 0, `deployments of ${this.#path} were acknowledged and are not listed: ${lost}`);
    const open = deployments.find((one) => !isFinal(one));
    must(open === undefined, `a deployment of ${this.#path} goes on though nobody asked: ${JSON.stringify(open)}`);
    const releases = await this.#max.list<Release>(`${this.#path}/releases`);
    const versions = releases.map(({ version }) => version);
    const wanted = versions.map((_, index) => versions.length - index);
    must(versions.join() === wanted.join(), `the releases of ${this.#path} are ${versions}`);
    const builds = await this.#max.list<{ id: string; state: string }>(`${this.#path}/builds`);
    must(!builds.some(({ state }) => state === 'running'), `a build of ${this.#path} runs though nothing is under way`);
    const current = releases.filter((release) => release.current);
    must(current.length === 1, `${current.length} releases of ${this.#path} are the one that serves`);
    return releases;
  }

  #end(deployment: Deployment): void {
    const { id, state, failure } = deployment;
    const fine = state === 'healthy' || (state === 'failed' && failure?.code === 'RIG_DEPLOY_INTERRUPTED');
    must(fine, `deployment ${id} ended as ${state}: ${JSON.stringify(failure)}\n${this.#max.lastLog()}`);
    this.#open = this.#open.filter((other) => other !== id);
    if (state === 'failed') {
      must(/^Max (ended while|was stopped)/.test(failure!.reason), `deployment ${id} failed: ${failure!.reason}`);
      this.interrupted += 1;
    } else this.lastHealthy = deployment;
  }
}

const isFinal = ({ state }: Deployment): boolean => FINAL_STATES.includes(state);
