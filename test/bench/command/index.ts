import { spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { deploy, writeTree } from '../../support/app.ts';
import { type RunningMax, startMax } from '../../support/max.ts';
import { RIG, rigOk } from '../../support/rig.ts';
import type { Figure } from '../figure.ts';
import { startChild } from '../live/child.ts';
import { median, peakPreload, plainEnv } from '../measure.ts';
import { peakOfProcess } from '../process-memory.ts';

const BYTES = 100_000_000;
const MEGABYTE = 1_000_000;

/** One copy. */
interface Copy {
  /** Megabytes a second from the first byte that came to the last: how long a client takes to start is measured elsewhere. */
  rate: number;
  /** Peak memory of the client in MiB. */
  peak: number;
}

/** A file of bytes that cannot be made smaller, and their digest. */
function writeBytes(file: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(MEGABYTE);
  const fd = openSync(file, 'w');
  for (let written = 0; written < BYTES; written += chunk.length) {
    randomFillSync(chunk);
    hash.update(chunk);
    writeSync(fd, chunk);
  }
  closeSync(fd);
  return hash.digest('hex');
}

/** Runs a client to its end, and holds what it wrote against the digest of what it should be. */
async function copy(
  args: readonly string[],
  stdin: string | undefined,
  env: Record<string, string>,
  digest: string,
): Promise<Copy> {
  const input = stdin === undefined ? 'ignore' : openSync(stdin, 'r');
  let begun = 0;
  const child = spawn(process.execPath, ['--require', peakPreload(), ...args], {
    env: plainEnv(env),
    stdio: [input, 'pipe', 'pipe', 'pipe'],
  });
  const hash = createHash('sha256');
  let [said, peak] = ['', ''];
  child.stdout?.on('data', (bytes: Buffer) => {
    begun ||= performance.now();
    hash.update(bytes);
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  child.stdio[3]?.on('data', (bytes: Buffer) => {
    peak += bytes.toString();
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  await once(child.stdout as Readable, 'end');
  const seconds = (performance.now() - begun) / 1000;
  const [code] = await closed;
  if (typeof input === 'number') closeSync(input);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`);
  if (hash.digest('hex') !== digest) throw new Error(`${args.join(' ')} changed the bytes`);
  return { rate: BYTES / MEGABYTE / seconds, peak: Number(peak.trim()) / 1024 };
}

async function startApp(max: RunningMax): Promise<void> {
  const dir = await writeTree(join(max.home.dir, 'app'), { Procfile: 'worker: sleep 1000000' });
  await rigOk(max.home, ['create', 'network', 'bench']);
  await deploy(max, 'copy.bench', dir);
}

/** Copies through `rig command` beside the same over a bare WebSocket between two processes, in turn. */
export async function measureCommand(rounds: number): Promise<Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'rig-bench-command-'));
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'bytes');
  const client = join(dir, 'client.cjs');
  const digest = writeBytes(file);
  const entryPoints = [join(import.meta.dirname, 'bare-client.ts')];
  await build({ entryPoints, outfile: client, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
  const max = await startMax();
  const server = startChild('../command/bare-server.ts', [file]);
  try {
    await startApp(max);
    const url = `ws://127.0.0.1:${await server.hear<number>()}`;
    const rig = (stdin: string | undefined, ...words: string[]): Promise<Copy> =>
      copy([RIG, 'command', '--app', 'copy.bench', '--', ...words], stdin, max.home.env, digest);
    const there = { bare: () => copy([client, `${url}/echo`], file, {}, digest), rig: () => rig(file, 'cat') };
    const oneWay = {
      bare: () => copy([client, `${url}/file`], undefined, {}, digest),
      rig: () => rig(undefined, 'cat', file),
    };
    const figures = [
      await compare('100 MB through rig command -- cat, there and back', there, rounds),
      await compare('100 MB of rig command -- cat FILE', oneWay, rounds),
    ].flat();
    const peak = peakOfProcess(max.pid);
    return peak === undefined
      ? figures
      : [...figures, { name: 'peak memory: Max, of these', value: peak, unit: 'MiB' }];
  } finally {
    await server.end();
    await max.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function compare(
  name: string,
  copies: { bare(): Promise<Copy>; rig(): Promise<Copy> },
  rounds: number,
): Promise<Figure[]> {
  const runs: Array<{ bare: Copy; rig: Copy }> = [];
  await copies.rig();
  for (let round = 0; round < rounds; round += 1) {
    // In turn, the order swapped each time: the machine's speed drifts.
    const first = round % 2 === 0 ? await copies.bare() : undefined;
    const rig = await copies.rig();
    runs.push({ bare: first ?? (await copies.bare()), rig });
  }
  const [bare, rig] = [median(runs.map((run) => run.bare.rate)), median(runs.map((run) => run.rig.rate))];
  return [
    {
      name: `command: ${name}: bare WebSocket / rig`,
      value: median(runs.map((run) => run.bare.rate / run.rig.rate)),
      unit: '×',
      limit: 2,
      note: `${bare.toFixed(0)} / ${rig.toFixed(0)} MB/s`,
    },
    { name: `peak memory: ${name}`, value: median(runs.map((run) => run.rig.peak)), unit: 'MiB', limit: 160 },
  ];
}
