import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import type { Home } from './home.ts';

/** The real shim of this checkout; `npm test` has built what is behind it. */
export const RIG = join(import.meta.dirname, '..', '..', 'host', 'bin', 'rig.cjs');

/** How one rig process ended. */
export interface RigResult {
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
  signal: string | undefined;
}

/** What a rig process is given. */
export interface RigOptions {
  cwd?: string;
  /** Standard input; none (closed) unless given. */
  input?: string | Uint8Array;
  env?: Record<string, string>;
  /** Runs as somebody else; only root may. */
  user?: { uid: number; gid: number } | undefined;
  /** Milliseconds after which it is killed and the test fails. */
  timeout?: number;
}

/** Starts the real binary and leaves it running: for followers, signals and pipes. */
export function spawnRig(
  home: Home,
  args: readonly string[],
  options: RigOptions = {},
): ResultPromise<{ reject: false }> {
  const [file = process.execPath, ...before] = [...(home.within ?? []), process.execPath, RIG];
  return execa(file, [...before, ...args], {
    cwd: options.cwd ?? home.dir,
    env: { ...home.env, ...options.env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    timeout: options.timeout ?? 120_000,
    ...options.user,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  }) as unknown as ResultPromise<{ reject: false }>;
}

/** Runs the real binary to its end. */
export async function rig(home: Home, args: readonly string[], options: RigOptions = {}): Promise<RigResult> {
  const { stdout, stderr, exitCode, signal } = await spawnRig(home, args, options);
  return { stdout: String(stdout), stderr: String(stderr), exitCode, signal };
}

/** Runs the real binary, and fails with everything it said where it does not end with 0. */
export async function rigOk(home: Home, args: readonly string[], options: RigOptions = {}): Promise<RigResult> {
  const result = await rig(home, args, options);
  if (result.exitCode !== 0)
    throw new Error(
      `rig ${args.join(' ')} ended with ${result.exitCode ?? result.signal}\n${result.stdout}\n${result.stderr}`,
    );
  return result;
}

/** Runs the real binary with `-o json` and gives the document. */
export async function rigJson<T>(home: Home, args: readonly string[], options: RigOptions = {}): Promise<T> {
  const end = args.indexOf('--');
  const all = end === -1 ? [...args, '-o', 'json'] : [...args.slice(0, end), '-o', 'json', ...args.slice(end)];
  return JSON.parse((await rigOk(home, all, options)).stdout) as T;
}
