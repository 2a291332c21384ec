import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type IPty, spawn as spawnPty } from '@lydell/node-pty';

const FLAGS = ['--conditions=rig-source', '--import', 'tsx'];
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** The command line that runs a TypeScript program of the tests, as it is. */
export function commandLine(program: URL, args: readonly string[]): [string, string[]] {
  return [process.execPath, [...FLAGS, fileURLToPath(program), ...args]];
}

/** Every variable that changes what rig prints is absent unless the test says it. */
export function cleanEnv(env: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: '/nonexistent', TERM: 'xterm-256color', ...env };
}

/** Starts a program with pipes. */
export function start(
  program: URL,
  args: readonly string[],
  options: SpawnOptions & { env?: Record<string, string> } = {},
): ChildProcess {
  const [command, rest] = commandLine(program, args);
  return spawn(command, rest, { cwd: ROOT, ...options, env: cleanEnv(options.env) });
}

/** Runs a program to its end. */
export async function run(
  program: URL,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<{ code: number | null; signal: string | null; out: string; err: string }> {
  const child = start(program, args, { ...options, cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, out, err };
}

/** A program in a real terminal. */
export interface Terminal {
  readonly pty: IPty;
  /** Everything that it wrote so far. */
  screen(): string;
  /** Resolves when the text stands on the screen (after `from`). */
  shows(text: string | RegExp, from?: number): Promise<void>;
  /** Resolves with the exit code. */
  ended: Promise<number>;
}

/** Starts a program in a pty. */
export function terminal(
  program: URL,
  args: readonly string[],
  options: { env?: Record<string, string>; cols?: number } = {},
): Terminal {
  const [command, rest] = commandLine(program, args);
  const pty = spawnPty(command, rest, {
    cols: options.cols ?? 100,
    rows: 30,
    cwd: ROOT,
    env: cleanEnv(options.env),
    name: options.env?.TERM ?? 'xterm-256color',
  });
  let screen = '';
  const listeners = new Set<() => void>();
  pty.onData((data) => {
    screen += data;
    for (const listener of [...listeners]) listener();
  });
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => {
      resolve(exitCode);
      for (const listener of [...listeners]) listener();
    });
  });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  return {
    pty,
    screen: () => screen,
    ended,
    shows: (text, from = 0) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const part = screen.slice(from);
          if (typeof text === 'string' ? part.includes(text) : text.test(part)) {
            listeners.delete(look);
            resolve();
          } else if (over) {
            listeners.delete(look);
            reject(new Error(`the program ended without showing ${text}:\n${screen}`));
          }
        };
        listeners.add(look);
        void ended.then(() => setImmediate(look));
        look();
      }),
  };
}
