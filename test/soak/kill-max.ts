import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { until } from '../unit/max/runtime/kit.ts';
import { appTree, Deploys } from './deploys.ts';
import { Ledger } from './ledger.ts';
import { MaxUnderFire, must } from './max-under-fire.ts';
import { SteadyApp } from './steady-app.ts';

/** What a run of the soak did. */
export interface SoakReport {
  rounds: number;
  /** Apps made and deleted that Max acknowledged. */
  writes: number;
  deployments: number;
  /** Of these, how many a kill has ended. */
  interrupted: number;
  /** Log lines that came through. */
  lines: number;
}

/** Max is killed at latest so long after it said that it serves. */
const LATEST_KILL_MS = 1500;

/**
 * Ends a real Max again and again, mostly by SIGKILL, at random moments of creates, deletes, deploys and log writing, and
 * checks after each start that all it had acknowledged is there, whole and once.
 */
export async function killMax(rounds: number, say: (text: string) => void = () => {}): Promise<SoakReport> {
  const max = new MaxUnderFire();
  const deploys = new Deploys(max, 'base', 'turn');
  const ledger = new Ledger(max, 'many');
  const steady = new SteadyApp(max, 'base');
  try {
    await max.up();
    for (const name of ['base', 'many']) await max.sure('POST', '/v1/networks', { name });
    await steady.start();
    await deploys.first(appTree('first'), 'first');
    for (let round = 1; round <= rounds; round += 1) {
      const work = [ledger.work(), deploys.work()];
      const after = Math.random() * LATEST_KILL_MS;
      const signal = round % 5 === 0 ? 'SIGTERM' : 'SIGKILL';
      await Promise.race([delay(after), ...work]);
      await max.end(signal);
      await Promise.all(work);
      await max.up();
      await steady.checkAdopted();
      await deploys.settle();
      await ledger.check();
      await steady.checkLog();
      say(
        `round ${round}: ${signal} after ${Math.round(after)} ms, ${steady.lines} lines, ${deploys.interrupted} interrupted`,
      );
    }
    await loseProcesses(max, say);
    const { acknowledged: deployments, interrupted } = deploys;
    return { rounds, writes: ledger.acknowledged, deployments, interrupted, lines: steady.lines };
  } finally {
    await max.remove();
  }
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
    await until(async () => {
      const { status, text } = await max.app('fragile.base');
      return status === 200 && !text.endsWith(` ${served}`) ? true : undefined;
    });
    must(!max.processesOf(id)?.includes(served), `process ${served} of the app outlived ${who}`);
    say(`the app came back after ${who} was killed`);
  }
}

/** `node --conditions=rig-source --import tsx test/soak/kill-max.ts ROUNDS` */
async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 100);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  process.stdout.write(`${JSON.stringify(await killMax(rounds, say))}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
