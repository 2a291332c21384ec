import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Home } from './home.ts';
import { RIG } from './rig.ts';

/** What a rig process wrote, byte by byte. */
export interface RawResult {
  stdout: Buffer;
  stderr: string;
  code: number | null;
  signal: string | null;
}

/** A rig process with pipes, for what is no text. */
export interface RawRig {
  child: ChildProcess;
  /** Waits until standard output has that text. */
  says(text: string): Promise<void>;
  ended: Promise<RawResult>;
}

/** Starts the real binary; its standard input stays open unless `input` is given. */
export function startRaw(
  home: Home,
  args: readonly string[],
  options: { input?: Uint8Array | string; env?: Record<string, string> } = {},
): RawRig {
  const child = spawn(process.execPath, [RIG, ...args], { cwd: home.dir, env: { ...home.env, ...options.env } });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => {
    stdout.push(bytes);
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  child.stdin.on('error', () => {});
  if (options.input !== undefined) child.stdin.end(options.input);
  const ended = once(child, 'close').then(
    ([code, signal]): RawResult => ({ stdout: Buffer.concat(stdout), stderr, code, signal }),
  );
  return {
    child,
    async says(text) {
      while (!Buffer.concat(stdout).includes(text)) {
        const over = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended]);
        if (over !== undefined && !over.stdout.includes(text))
          throw new Error(
            `rig ended with ${over.code ?? over.signal} without ${JSON.stringify(text)}:\n${over.stdout}\n${over.stderr}`,
          );
      }
    },
    ended,
  };
}
