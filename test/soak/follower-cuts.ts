import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { askApp, deploy, writeNodeApp } from '../support/app.ts';
import { ChaosProxy, CUT_KINDS } from '../support/chaos-proxy.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigJson, rigOk, spawnRig } from '../support/rig.ts';
import { must } from './max-under-fire.ts';

/** How a follower is tried. */
export interface CutsOptions {
  cuts: number;
  seconds: number;
  /** How often Max is killed and started again meanwhile. */
  kills?: number;
  linesPerSecond?: number;
  seed?: number;
  say?: (text: string) => void;
}

/** What a run did. */
export interface CutsReport {
  seed: number;
  /** Numbers that were printed, each once and in order. */
  lines: number;
  cuts: number;
  kills: number;
  /** Connections that the follower made in all. */
  connections: number;
  /** The most memory that the follower's process had, in MiB, as the system counts it; 0 where it does not. */
  peakMiB: number;
}

/** Counts in its log, so many lines a second for so many seconds, once it is told to. */
const COUNTS = `import { createServer } from 'node:http';
let said = 0;
const count = (rate, total) => {
  const start = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor((performance.now() - start) * rate / 1000));
    let text = '';
    while (said < due) text += 'number ' + ++said + '\\n';
    process.stdout.write(text);
    if (said === total) clearInterval(timer);
  }, 10);
};
createServer((request, response) => {
  const [, rate, total] = request.url.split('/').map(Number);
  count(rate, total);
  response.end('ok');
}).listen(process.env.PORT);
process.once('SIGTERM', () => process.exit(0));
`;

/** The real client follows the log of a real app through a proxy that cuts its connection at random points. */
export async function cutFollower(options: CutsOptions): Promise<CutsReport> {
  const { cuts, seconds, kills = 0, linesPerSecond = 1000, say = () => {} } = options;
  const max = await startMax();
  const proxy = await ChaosProxy.to(max.port, options.seed);
  try {
    const dir = await writeNodeApp(join(max.home.dir, 'apps', 'counts'), COUNTS);
    await deploy(max, 'counts.shop', dir);
    const total = linesPerSecond * seconds;
    const follower = follow(max, proxy, total);
    try {
      await Promise.race([proxy.opened('socket'), follower.done]);
      await follower.first;
      await askApp(max, 'counts.shop', `/${linesPerSecond}/${total}`);
      const trouble = new AbortController();
      const work = Promise.all([
        cutAtRandom(proxy, cuts, (seconds * 1000) / cuts, trouble.signal, say),
        killAtRandom(max, proxy, kills, (seconds * 1000) / Math.max(1, kills), trouble.signal, say),
      ]);
      try {
        await Promise.race([work.then(() => follower.done), follower.done.then(() => work)]);
      } finally {
        trouble.abort();
      }
      const { seed, connections } = proxy;
      return { seed, lines: total, cuts: proxy.cuts, kills, connections, peakMiB: follower.peakMiB() };
    } finally {
      await follower.stop();
    }
  } finally {
    await proxy.close();
    await max.stop();
  }
}

/** Starts the follower; `done` settles when the last number was printed, and fails at the first that is wrong. */
function follow(max: RunningMax, proxy: ChaosProxy, total: number) {
  const running = spawnRig(max.home, ['logs', 'app', 'counts.shop', '-o', 'ndjson', '--lines', '1'], {
    env: { RIG_SERVER: proxy.url, RIG_TOKEN: max.token },
    timeout: 3_600_000,
  });
  let next = 1;
  let began: () => void = () => {};
  let peak = 0;
  const first = new Promise<void>((resolve) => {
    began = resolve;
  });
  const measure = setInterval(() => {
    peak = Math.max(peak, residentMiB(running.pid));
  }, 500);
  const done = (async () => {
    for await (const line of createInterface({ input: running.stdout as NodeJS.ReadableStream })) {
      began();
      const record = JSON.parse(line) as { text?: string; gap?: unknown };
      must(record.gap === undefined, `the follower printed a gap: ${line}`);
      const number = /^number (\d+)$/.exec(record.text ?? '')?.[1];
      if (number === undefined) continue;
      must(Number(number) === next, `number ${number} was printed where ${next} was due`);
      next += 1;
      if (next > total) return;
    }
    const { exitCode, stderr } = await running;
    must(false, `the follower ended with ${exitCode} before number ${next}: ${stderr}`);
  })();
  done.catch(() => {});
  const stop = async (): Promise<void> => {
    clearInterval(measure);
    running.kill('SIGINT');
    await running;
  };
  return { first, done, stop, peakMiB: () => peak };
}

/** Cuts the connection so often, each time in another way: at once, or in the midst of what Max sends next. */
async function cutAtRandom(
  proxy: ChaosProxy,
  cuts: number,
  everyMs: number,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<void> {
  const random = proxy.random.fork(1);
  while (proxy.cuts < cuts) {
    await delay(random.between(0, Math.max(1, 2 * everyMs - 300)), undefined, { signal });
    await proxy.opened('socket');
    const how = random.pick(CUT_KINDS);
    const bytes = random.between(1, 20_000);
    if (random.next() < 0.5) proxy.cut('socket', how);
    else proxy.cutAfter('socket', bytes, how);
    say(`${proxy.cuts} cuts, the last by ${how}`);
  }
}

/** Kills Max so often, and starts it again on the same port. */
async function killAtRandom(
  max: RunningMax,
  proxy: ChaosProxy,
  kills: number,
  everyMs: number,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<void> {
  const random = proxy.random.fork(2);
  for (let kill = 1; kill <= kills; kill += 1) {
    await delay(random.between(0, everyMs), undefined, { signal });
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    process.kill(pid, 'SIGKILL');
    await rigOk(max.home, ['max', 'up']);
    say(`Max was killed and is back (${kill})`);
  }
}

function residentMiB(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return 0;
  }
}

/** `node --conditions=rig-source --import tsx test/soak/follower-cuts.ts CUTS SECONDS KILLS` */
async function main(): Promise<void> {
  const [cuts = 100, seconds = 60, kills = 0] = process.argv.slice(2).map(Number);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  process.stdout.write(`${JSON.stringify(await cutFollower({ cuts, seconds, kills, say }))}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
