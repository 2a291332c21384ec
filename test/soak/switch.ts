import { pathToFileURL } from 'node:url';
import { FINAL_STATES } from '@rig/plugin-api/max';
import { loadedApp } from '../support/load/app.ts';
import { Load, type LoadReport } from '../support/load/load.ts';
import { fileEntry, packed } from '../unit/max/max-kit.ts';
import { until } from '../unit/max/runtime/kit.ts';
import { MaxUnderFire, must } from './max-under-fire.ts';

/** What a run did, beside what became of the load. */
export interface SwitchReport extends Omit<LoadReport, 'posted'> {
  /** Operations that came to their end, by name. */
  switches: Record<string, number>;
  /** POSTs that the app has got. */
  posts: number;
  /** Of these, how often one was there that had been there before. */
  repeated: number;
  /** POSTs that were answered and that the app has never got. */
  unseen: number;
}

const APP = '/v1/networks/base/apps/loaded';
/** So long a release that never gets healthy is waited for. */
const NEVER_SECONDS = 4;
const HOST = 'loaded.base.localhost';

/** Changes what serves, in each way that there is. */
class Operator {
  readonly #max: MaxUnderFire;
  #release = 0;

  constructor(max: MaxUnderFire) {
    this.#max = max;
  }

  async deploy(): Promise<void> {
    this.#release += 1;
    await this.#done('deployments', { upload: await this.#upload(loadedApp(`release ${this.#release}`)) });
  }

  /** A release whose process listens, and not where it should: it must never get a request. */
  async deployNeverHealthy(): Promise<void> {
    const tree = { ...loadedApp('never'), 'server.js': "require('node:net').createServer().listen(0, '127.0.0.1')" };
    await this.#waitFor(NEVER_SECONDS);
    await this.#done('deployments', { upload: await this.#upload(tree) }, 'failed');
    await this.#waitFor(null);
  }

  rollback = (): Promise<void> => this.#done('rollback', {});
  restart = (): Promise<void> => this.#done('restart', {});
  scale = (instances: number): Promise<void> => this.#done('scale', { instances });

  async #waitFor(healthTimeoutSeconds: number | null): Promise<void> {
    const set = await this.#max.sure('PATCH', APP, { healthTimeoutSeconds });
    must(set.status === 200, `the health timeout cannot be set: ${set.text}`);
  }

  async #done(what: string, body: unknown, wanted = 'healthy'): Promise<void> {
    const begun = await this.#max.sure('POST', `${APP}/${what}`, body);
    must(begun.status === 202, `${what} was answered with ${begun.status}: ${begun.text}`);
    const ended = await until(async () => {
      const { json } = await this.#max.sure('GET', `${APP}/deployments/${begun.json.id}`);
      return FINAL_STATES.includes(json.state) ? json : undefined;
    });
    must(ended.state === wanted, `${what} ended as ${ended.state}: ${JSON.stringify(ended.failure)}`);
  }

  async #upload(tree: Record<string, string>): Promise<string> {
    const entries = Object.entries(tree).map(([path, content]) => fileEntry(path, content));
    const { json } = await this.#max.sure('POST', `${APP}/uploads`, { entries });
    const pack = Buffer.concat(Object.values(tree).map((content) => packed(content)));
    await this.#max.sendPack(`${APP}/uploads/${json.id}/packs`, pack);
    return json.id;
  }
}

/**
 * Puts a load of every kind of request on an app behind a real Max while it is deployed, rolled back, scaled, restarted and
 * deployed with a release that never gets healthy, in turn, for so long or for one turn at least.
 */
export async function loadSwitches(
  options: { seconds: number; rate: number; sockets: number },
  say: (text: string) => void = () => {},
): Promise<SwitchReport> {
  const max = new MaxUnderFire();
  let load: Load | undefined;
  try {
    await max.up();
    await max.sure('POST', '/v1/networks', { name: 'base' });
    await max.sure('POST', '/v1/networks/base/apps', { name: 'loaded' });
    const operator = new Operator(max);
    await operator.deploy();
    const { rate, sockets } = options;
    load = new Load({ port: max.port, host: `${HOST}:${max.port}`, rate, sockets });
    await load.more(rate);
    const turn: ReadonlyArray<readonly [string, () => Promise<void>]> = [
      ['deploy', () => operator.deploy()],
      ['scale up', () => operator.scale(3)],
      ['restart', operator.restart],
      ['rollback', operator.rollback],
      ['never healthy', () => operator.deployNeverHealthy()],
      ['scale down', () => operator.scale(1)],
    ];
    const switches: Record<string, number> = {};
    const end = Date.now() + options.seconds * 1000;
    for (let count = 0; count < turn.length || Date.now() < end; count += 1) {
      const [name, operate] = turn[count % turn.length]!;
      await operate();
      switches[name] = (switches[name] ?? 0) + 1;
      say(`${name} done`);
      // So that each finds the load as it is when nothing changes.
      await load.more(rate);
    }
    const { posted, ...report } = await load.stop();
    const seen = (await max.app('loaded.base', '/posts')).text.split('\n').filter((id) => id !== '');
    const unique = new Set(seen);
    const unseen = posted.filter((id) => !unique.has(id)).length;
    return { ...report, switches, posts: unique.size, repeated: seen.length - unique.size, unseen };
  } finally {
    load?.kill();
    await max.remove();
  }
}

/** `node --conditions=rig-source --import tsx test/soak/switch.ts SECONDS [RATE]` */
async function main(): Promise<void> {
  const [seconds = 120, rate = 300] = process.argv.slice(2).map(Number);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const report = await loadSwitches({ seconds, rate, sockets: 20 }, say);
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (report.lost + report.repeated + report.unseen > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
