import type { AppStatus, Deployment } from '@rig/plugin-api/max';
import type { ChaosRandom } from '../support/chaos-random.ts';
import type { Reply } from '../unit/max/max-kit.ts';
import { appProcesses } from './app-processes.ts';
import { DeploymentLedger } from './deployment-ledger.ts';
import { appTree } from './deploys.ts';
import { eventually, type MaxUnderFire, must } from './max-under-fire.ts';
import { Writer } from './writer.ts';

const APP = '/v1/networks/base/apps/life';

/** One line for each process type; the worker costs next to nothing. */
const TREE = { ...appTree('life'), Procfile: 'web: node server.js\nworker: sleep 1000000\n' };

/** What is asked for. */
type Request = { what: 'stop' | 'start' | 'restart' } | { what: 'scale'; formation: Record<string, number> };

/** Scales, stops, starts and restarts an app of two process types. */
export class LifecycleLedger {
  readonly #max: MaxUnderFire;
  readonly #random: ChaosRandom;
  readonly writer: Writer;
  readonly ledger: DeploymentLedger;
  #appId = '';
  #formation: Record<string, number> = { web: 1, worker: 1 };
  #stopped = false;
  /** What the deployments that were begun ask for. */
  readonly #requests = new Map<string, Request>();
  #open: Request | undefined;

  constructor(max: MaxUnderFire, random: ChaosRandom) {
    this.#max = max;
    this.#random = random;
    this.writer = new Writer(max);
    this.ledger = new DeploymentLedger(max, APP);
  }

  async start(): Promise<void> {
    this.#appId = (await this.#max.sure('POST', '/v1/networks/base/apps', { name: 'life' })).json.id;
    must((await this.ledger.deploy(this.writer, TREE)) !== undefined, 'life cannot be deployed');
    await this.check();
  }

  /** Does one thing after the other until Max answers no more. */
  async work(): Promise<void> {
    for (;;) {
      this.#open = this.#choose();
      const { what, ...body } = this.#open;
      const reply = await this.writer.write('POST', `${APP}/${what}`, what === 'scale' ? body : undefined);
      if (reply === undefined) return;
      if (!this.#note(reply)) continue;
      const ended = await this.ledger.ended();
      if (ended === undefined) return;
      this.#follow(ended);
    }
  }

  /** Brings to an end what was not answered, and compares what runs with what Max has acknowledged. */
  async check(): Promise<void> {
    for (const ended of await this.ledger.settle()) this.#follow(ended);
    const reply = await this.writer.repeat();
    if (reply !== undefined) this.#note(reply);
    for (const ended of await this.ledger.settle()) this.#follow(ended);
    await this.writer.checkAnswers();
    await this.ledger.checkLists();
    const names = this.#stopped
      ? []
      : Object.entries(this.#formation).flatMap(([type, count]) =>
          Array.from({ length: count }, (_, index) => `${type}.${index + 1}`),
        );
    await eventually(`life is to run as ${names}`, async () => {
      const { json, text } = await this.#max.sure('GET', `${APP}/status`);
      const { app, formation, instances } = json as AppStatus;
      const same =
        JSON.stringify(Object.entries(formation).sort()) === JSON.stringify(Object.entries(this.#formation).sort());
      must(same, `life has the formation ${JSON.stringify(formation)}, not ${JSON.stringify(this.#formation)}`);
      const shown = instances.map(({ name }) => name);
      const found = appProcesses(this.#max.dir)?.filter(({ appId }) => appId === this.#appId);
      const running = found?.map(({ instance }) => instance) ?? shown;
      const fine =
        app.state === (this.#stopped ? 'stopped' : 'running') && [shown, running].every((some) => isSame(some, names));
      return fine ? { found } : `${running} run, and Max says ${text}`;
    });
  }

  #choose(): Request {
    if (this.#stopped && this.#random.between(1, 3) > 1) return { what: 'start' };
    const what = this.#random.pick(['scale', 'scale', 'scale', 'stop', 'restart', 'start'] as const);
    if (what !== 'scale') return { what };
    const web = this.#random.between(1, 2);
    return {
      what,
      formation: this.#random.between(1, 3) === 1 ? { web, worker: this.#random.between(0, 2) } : { web },
    };
  }

  /** Notes what an answer acknowledges; tells whether it begins a deployment. */
  #note({ status, json, text }: Reply): boolean {
    const request = this.#open!;
    this.#open = undefined;
    must(status === 200 || status === 202, `${request.what} of life was answered with ${status}: ${text}`);
    if (request.what === 'stop') {
      must(
        json.already === this.#stopped,
        `a stop of life was answered with ${text}, stopped before: ${this.#stopped}`,
      );
      this.#stopped = true;
      return false;
    }
    if (request.what === 'start') {
      must(json.already === !this.#stopped, `a start of life was answered with ${text}, stopped: ${this.#stopped}`);
      if (json.already) return false;
    }
    const deployment: Deployment = request.what === 'start' ? json.deployment : json;
    this.#requests.set(this.ledger.note(deployment).id, request);
    return true;
  }

  /** Takes over what a deployment that has ended makes of the app. */
  #follow({ id, state }: Deployment): void {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    if (state !== 'healthy' || request === undefined) return;
    if (request.what === 'scale') this.#formation = { ...this.#formation, ...request.formation };
    else this.#stopped = false;
  }
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  [...some].sort().join() === [...others].sort().join();
