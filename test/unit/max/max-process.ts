import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MaxMessage } from '../../../plugins/max/src/ipc.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Max as it is written, which takes a second or two to load. */
const SOURCE = ['--conditions=rig-source', '--import', 'tsx', join(ROOT, 'plugins', 'max', 'src', 'serve.ts')];

/** Max as it was built. */
export const BUILT_MAX: readonly string[] = [join(ROOT, 'plugins', 'max', 'dist', 'serve.js')];

/** A Max in a process of its own. */
export interface MaxProcess {
  child: ChildProcess;
  /** What it said first. */
  first: MaxMessage;
  port: number;
  token: string;
  stderr(): string;
  /** Sends a signal and waits for the end: the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string | null>;
}

/** Starts a Max process and waits for what it says first. */
export async function spawnMax(
  dir: string,
  args: readonly string[] = ['--port', '0'],
  module: readonly string[] = SOURCE,
): Promise<MaxProcess> {
  const child = startMax(dir, args, module);
  let stderr = '';
  child.stderr?.on('data', (piece: Buffer) => {
    stderr += piece;
  });
  const ended = once(child, 'close');
  const first = await Promise.race([
    once(child, 'message').then(([message]) => message as MaxMessage),
    ended.then(() => {
      throw new Error(`Max ended before it said anything\n${stderr}`);
    }),
  ]);
  return {
    child,
    first,
    port: first.kind === 'ready' ? first.port : 0,
    token: first.kind === 'ready' ? readFileSync(join(dir, 'owner-token'), 'utf8').trim() : '',
    stderr: () => stderr,
    end: async (signal) => {
      child.kill(signal);
      const [code, by] = (await ended) as [number | null, string | null];
      return by ?? code;
    },
  };
}

/** Starts a Max process, and waits for nothing. */
export function startMax(dir: string, args: readonly string[], module: readonly string[]): ChildProcess {
  const all = [...module, '--state-dir', dir, ...args];
  return spawn(process.execPath, all, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}
