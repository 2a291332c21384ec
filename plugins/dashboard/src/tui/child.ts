import { spawn } from 'node:child_process';

/** Milliseconds that a program has to end by itself, before it is ended. */
const GRACE_MS = 2000;

/** How a program has ended. */
export interface ChildEnd {
  /** Its exit code, 1 where it could not be started. */
  code: number;
  /** The signal that has ended it, if one has: then it did not take back what it has done to the terminal. */
  signal: NodeJS.Signals | null;
}

/** A program that has the terminal in place of the dashboard. */
export interface Child {
  /** Settles when it has ended. */
  ended: Promise<ChildEnd>;
  /** Asks it to end, as Ctrl-C does. */
  interrupt(): void;
  /** Ends it: asks, and insists where it does not. */
  end(): void;
}

/** Starts rig itself with other words, on the same terminal; `reads` lets it read the keys too. */
export function startRig(self: readonly [string, string], args: readonly string[], reads: boolean): Child {
  const [node, rig] = self;
  const child = spawn(node, [rig, ...args], { stdio: [reads ? 'inherit' : 'ignore', 'inherit', 'inherit'] });
  let insist: NodeJS.Timeout | undefined;
  const ended = new Promise<ChildEnd>((resolve) => {
    child.on('error', () => resolve({ code: 1, signal: null }));
    child.on('close', (code, signal) => {
      clearTimeout(insist);
      resolve({ code: code ?? 1, signal });
    });
  });
  return {
    ended,
    interrupt: () => void child.kill('SIGINT'),
    end() {
      child.kill('SIGTERM');
      insist ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    },
  };
}

/** Tells whether this rig knows a command: its help is there. */
export function knowsCommand(self: readonly [string, string], words: readonly string[]): Promise<boolean> {
  const [node, rig] = self;
  const child = spawn(node, [rig, ...words, '--help'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}
