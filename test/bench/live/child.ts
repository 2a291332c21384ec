import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A part of a measurement in a process of its own, which is spoken to by messages. */
export interface Child {
  readonly pid: number;
  tell(message: unknown): void;
  /** The next message; fails when the process ends instead. */
  hear<T>(): Promise<T>;
  end(): Promise<void>;
}

/** Starts a file of this folder. */
export function startChild(file: string, args: readonly string[] = []): Child {
  const child: ChildProcess = fork(join(import.meta.dirname, file), args, {
    execArgv: ['--conditions=rig-source', '--import', 'tsx'],
    serialization: 'advanced',
  });
  const heard: unknown[] = [];
  let wake: () => void = () => {};
  let ended = false;
  child.on('message', (message) => {
    heard.push(message);
    wake();
  });
  const gone = once(child, 'exit').then(() => {
    ended = true;
    wake();
  });
  return {
    pid: child.pid as number,
    tell: (message) => void child.send(message as object),
    async hear<T>() {
      while (heard.length === 0) {
        if (ended) throw new Error(`${file} ended before it had said what it had to`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return heard.shift() as T;
    },
    async end() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Milliseconds of a clock that all processes of this machine share. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The value below which a share of the numbers lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}
