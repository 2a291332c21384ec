import { spawn } from 'node:child_process';

/** A program that has the terminal in place of the dashboard. */
export interface Child {
  /** Settles when it has ended: its exit code, 1 where it could not be started. */
  ended: Promise<number>;
  /** Asks it to end, as Ctrl-C does. */
  interrupt(): void;
}

/** Starts rig itself with other words, on the same terminal; `reads` lets it read the keys too. */
export function startRig(self: readonly [string, string], args: readonly string[], reads: boolean): Child {
  const [node, rig] = self;
  const child = spawn(node, [rig, ...args], { stdio: [reads ? 'inherit' : 'ignore', 'inherit', 'inherit'] });
  const ended = new Promise<number>((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
  return { ended, interrupt: () => void child.kill('SIGINT') };
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
