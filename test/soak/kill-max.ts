import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ChaosRandom, chaosSeed } from '../support/chaos-random.ts';
import { appProcesses, doubled, processesOf } from './app-processes.ts';
import { ConfigLedger } from './config-ledger.ts';
import { appTree, Deploys } from './deploys.ts';
import { checkFolders } from './folders.ts';
import { type KillMoment, killMoment } from './kill-moment.ts';
import { Ledger } from './ledger.ts';
import { LifecycleLedger } from './lifecycle-ledger.ts';
import { LogLimits } from './log-limits.ts';
import { Broken, eventually, MaxUnderFire, must } from './max-under-fire.ts';
import { Removals } from './removals.ts';
import { Settings } from './settings.ts';
import { SteadyApp } from './steady-app.ts';
import { Tokens } from './tokens.ts';

/** What a run of the soak did. */
export interface SoakReport {
  seed: number;
  /** How often Max was killed amid its work, and how often it was asked to end. */
  kills: number;
  ends: number;
  /** How often it was killed once more before it served again, or right after. */
  killsAtStart: number;
  seconds: number;
  /** What Max has acknowledged: apps, vars, secrets, settings, tokens, deployments, whatever there is. */
  writes: number;
  /** Answers that came again, the same, when they were asked for under their key after a kill. */
  repeated: number;
  deployments: number;
  /** Of these, how many the end of Max has ended. */
  interrupted: number;
  /** Apps that were removed with a release, or amid their deployment. */
  removed: number;
  /** Processes of apps that ran on while Max was gone, over all kills. */
  adopted: number;
  /** Log lines that came through, and those that a limit had dropped before they were read. */
  lines: number;
  dropped: number;
}

/** So many kills are followed by an end that Max is asked for. */
const KILLS_BETWEEN_ENDS = 5;

/** Everything that is done to a Max under fire. */
class Load {
  readonly max: MaxUnderFire;
  readonly apps: Ledger;
  readonly deploys: Deploys;
  readonly config: ConfigLedger;
  readonly life: LifecycleLedger;
  readonly removals: Removals;
  readonly tokens: Tokens;
  readonly settings: Settings;
  readonly limits: LogLimits;
  readonly steady: SteadyApp;

  constructor(max: MaxUnderFire, random: ChaosRandom) {
    this.max = max;
    this.apps = new Ledger(max, 'many');
    this.deploys = new Deploys(max, 'base', 'turn');
    this.config = new ConfigLedger(max, random.fork(1));
    this.life = new LifecycleLedger(max, random.fork(2));
    this.removals = new Removals(max, random.fork(3));
    this.limits = new LogLimits(max, random.fork(4));
    this.tokens = new Tokens(max);
    this.settings = new Settings(max);
    this.steady = new SteadyApp(max, 'base', 'steady');
  }

  async start(): Promise<void> {
    for (const name of ['base', 'many']) await this.max.sure('POST', '/v1/networks', { name });
    await Promise.all([
      this.steady.start({ padding: 0, everyMs: 2 }),
      this.deploys.first(appTree('first'), 'first'),
      this.config.start(),
      this.life.start(),
      this.limits.start(),
      this.settings.start(),
    ]);
  }

  /** Works until Max answers no more. */
  work(): Array<Promise<void>> {
    return this.#parts.map((part) => part.work());
  }

  /** Compares all that Max has with what it has acknowledged. */
  async check(): Promise<void> {
    await Promise.all([...this.#parts.map((part) => part.check()), this.steady.log.check()]);
  }

  report() {
    const { apps, deploys, config, life, removals, tokens, settings, limits, steady } = this;
    const writers = [deploys, config, life, removals, tokens, settings, limits].map(({ writer }) => writer);
    const ledgers = [deploys, config, life].map(({ ledger }) => ledger);
    const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
    return {
      writes: apps.acknowledged + sum(writers.map(({ acknowledged }) => acknowledged)),
      repeated: sum(writers.map(({ repeated }) => repeated)),
      deployments: sum(ledgers.map(({ acknowledged }) => acknowledged)),
      interrupted: sum(ledgers.map(({ interrupted }) => interrupted)),
      removed: removals.removed,
      lines: steady.log.lines + limits.app.log.lines,
      dropped: limits.app.log.dropped,
    };
  }

  get #parts() {
    const { apps, deploys, config, life, removals, tokens, settings, limits } = this;
    return [apps, deploys, config, life, removals, tokens, settings, limits];
  }
}

/**
 * Ends a real Max again and again, by SIGKILL but for every sixth time, at random moments of creates, deletes, deploys,
 * changes of config, scales, stops, rollbacks and log writing, and checks after each start that all it had acknowledged is
 * there, whole and once.
 */
export async function killMax(
  options: { kills: number; seed?: number },
  say: (text: string) => void = () => {},
): Promise<SoakReport> {
  const { kills, seed = chaosSeed() } = options;
  const random = new ChaosRandom(seed);
  const max = new MaxUnderFire();
  const load = new Load(max, random);
  const began = Date.now();
  const counts = { kills: 0, ends: 0, killsAtStart: 0, adopted: 0 };
  say(`seed ${seed}`);
  try {
    await max.up();
    await load.start();
    while (counts.kills < kills) {
      const ends = counts.kills - counts.ends * KILLS_BETWEEN_ENDS >= KILLS_BETWEEN_ENDS;
      counts[ends ? 'ends' : 'kills'] += 1;
      const moment = killMoment(random);
      const before = await workUntil(load, moment, ends ? 'SIGTERM' : 'SIGKILL');
      if (moment.again !== undefined) {
        counts.killsAtStart += 1;
        await max.upAndKilled(moment.again);
      }
      await max.up();
      counts.adopted += adoptedOf(max, before);
      await Promise.all([load.steady.checkAdopted(), load.limits.app.checkAdopted()]);
      await load.check();
      const { writes, deployments, interrupted, lines } = load.report();
      say(
        `${counts.kills} kills: ${ends ? 'asked to end' : 'killed'} ${moment.text}; ${writes} writes, ${deployments} deployments (${interrupted} interrupted), ${lines} lines`,
      );
    }
    await checkFolders(max);
    await loseProcesses(max, say);
    return { seed, ...counts, seconds: Math.round((Date.now() - began) / 1000), ...load.report() };
  } catch (error) {
    if (error instanceof Broken) error.message = `seed ${seed}, kill ${counts.kills}: ${error.message}`;
    throw error;
  } finally {
    await max.remove();
  }
}

/** Lets everything work, and ends Max at the moment; gives the processes of apps that there were. */
async function workUntil(load: Load, moment: KillMoment, signal: 'SIGKILL' | 'SIGTERM'): Promise<Set<number>> {
  const { max } = load;
  const due = new Promise<void>((resolve) => {
    if (moment.requests !== undefined) max.light(moment.requests, () => setTimeout(resolve, moment.afterMs));
  });
  const work = load.work();
  const latest = delay(moment.latestMs, undefined, { ref: false });
  await Promise.race([due, latest, ...work]);
  const before = new Set(appProcesses(max.dir)?.map(({ pid }) => pid));
  await max.end(signal);
  await Promise.all(work);
  return before;
}

/** Checks that no instance is there twice as soon as Max serves; gives how many processes run on. */
function adoptedOf(max: MaxUnderFire, before: ReadonlySet<number>): number {
  const processes = appProcesses(max.dir) ?? [];
  const twice = doubled(processes);
  must(twice.length === 0, `instances run twice: ${twice}\n${max.lastLog()}`);
  return processes.filter(({ pid }) => before.has(pid)).length;
}

/** Kills what runs an app, and the shell that started it: Max starts it anew, and nothing of the old one is left. */
async function loseProcesses(max: MaxUnderFire, say: (text: string) => void): Promise<void> {
  // A list of commands keeps its shell: that is the process which Max knows.
  const tree = appTree('fragile', { start: 'node server.js; true' });
  const id = await new Deploys(max, 'base', 'fragile', 2).first(tree, 'fragile');
  const serving = async (): Promise<number> => Number((await max.app('fragile.base')).text.split(' ')[1]);
  for (const who of ['its shell', 'its server'] as const) {
    const served = await serving();
    const [instance] = (await max.sure('GET', '/v1/networks/base/apps/fragile/status')).json.instances;
    process.kill(who === 'its shell' ? instance.pid : served, 'SIGKILL');
    await eventually(`the app is to come back after ${who} was killed`, async () => {
      const { status, text } = await max.app('fragile.base');
      return status === 200 && !text.endsWith(` ${served}`) ? { found: true } : `${status} ${text}`;
    });
    must(!processesOf(max.dir, id)?.includes(served), `process ${served} of the app outlived ${who}`);
    say(`the app came back after ${who} was killed`);
  }
}

/** `node --conditions=rig-source --import tsx test/soak/kill-max.ts KILLS`, with `CHAOS_SEED` to repeat a run */
async function main(): Promise<void> {
  const kills = Number(process.argv[2] ?? 200);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  process.stdout.write(`${JSON.stringify(await killMax({ kills }, say))}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
