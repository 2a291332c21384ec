import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command line to time. */
export interface Command {
  name: string;
  args: readonly string[];
  env?: Record<string, string>;
}

/** Medians of paired runs. */
export interface Paired {
  runs: number;
  /** Milliseconds. */
  a: number;
  b: number;
  /** Median of a/b pair by pair: holds when the machine's speed drifts. */
  ratio: number;
}

/** The middle of the numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((x, y) => x - y);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** The environment of measured processes: Node parses NODE_EXTRA_CA_CERTS at every start, which would flatter every ratio. */
export function plainEnv(extra: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', LANG: 'C.UTF-8', ...extra };
}

// Its output goes into a pipe, as in a script: /dev/null would count as a terminal until it is looked at closely.
function time(command: Command): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, command.args, {
    env: plainEnv(command.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${command.name} ended with ${status}: ${stderr}`);
  return elapsed;
}

/** Times two commands in turn, the order swapped at every pair, after two warm-up runs of each. */
export function paired(a: Command, b: Command, runs: number): Paired {
  for (let i = 0; i < 2; i++) {
    time(a);
    time(b);
  }
  const pairs: Array<[number, number]> = [];
  for (let i = 0; i < runs; i++) {
    if (i % 2 === 0) {
      const first = time(a);
      pairs.push([first, time(b)]);
    } else {
      const first = time(b);
      pairs.push([time(a), first]);
    }
  }
  return {
    runs,
    a: median(pairs.map(([x]) => x)),
    b: median(pairs.map(([, y]) => y)),
    ratio: median(pairs.map(([x, y]) => x / y)),
  };
}

let preload: string | undefined;

/** A preload for the measured process: nothing but the process itself knows its own peak on every system. */
export function peakPreload(): string {
  if (preload !== undefined) return preload;
  const dir = mkdtempSync(join(tmpdir(), 'rig-bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  preload = join(dir, 'peak.cjs');
  writeFileSync(
    preload,
    `process.on('exit', () => {
      const { readFileSync, writeSync } = require('node:fs');
      // What getrusage tells on Linux counts the process that this one was forked from.
      const peak = process.platform === 'linux'
        ? /^VmHWM:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]
        : process.resourceUsage().maxRSS;
      writeSync(3, String(peak));
    });`,
  );
  return preload;
}

/** What one run of a command took and gave. */
export interface Run {
  /** Milliseconds from its start to its end. */
  ms: number;
  /** Peak resident memory in MiB, as the system accounts for it. */
  peak: number;
  stdout: string;
}

/** Runs a command once, which must succeed. */
export function runMeasured({ name, args, env }: Command): Run {
  const begun = performance.now();
  const { status, stdout, stderr, output } = spawnSync(process.execPath, ['--require', peakPreload(), ...args], {
    env: plainEnv(env),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  const ms = performance.now() - begun;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return { ms, peak: Number(String(output[3]).trim()) / 1024, stdout };
}

/** Peak resident memory of a command in MiB; the median of `runs`. */
export function peakMemory(command: Command, runs: number): number {
  return median(Array.from({ length: runs }, () => runMeasured(command).peak));
}
