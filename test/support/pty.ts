import { spawn } from '@lydell/node-pty';
import type { Home } from './home.ts';
import { RIG } from './rig.ts';

/** A rig that believes that a person watches it. */
export interface TerminalRig {
  /** Everything that was drawn so far, as the terminal got it. */
  readonly screen: string;
  /** Waits until the terminal was sent that text; fails where rig ends without it. */
  shows(text: string): Promise<void>;
  /** Types. */
  type(text: string): void;
  /** Settles when it has ended. */
  ended: Promise<{ exitCode: number; screen: string }>;
}

/** Runs the real binary in a real terminal. */
export function rigInTerminal(
  home: Home,
  args: readonly string[],
  options: { columns?: number; env?: Record<string, string> } = {},
): TerminalRig {
  const terminal = spawn(process.execPath, [RIG, ...args], {
    name: 'xterm-256color',
    cols: options.columns ?? 80,
    rows: 24,
    cwd: home.dir,
    env: { ...home.env, TERM: 'xterm-256color', ...options.env },
  });
  let screen = '';
  let over = false;
  let wake: Array<() => void> = [];
  const changed = (): void => {
    const waiting = wake;
    wake = [];
    for (const resolve of waiting) resolve();
  };
  terminal.onData((data) => {
    screen += data;
    changed();
  });
  const ended = new Promise<{ exitCode: number; screen: string }>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      over = true;
      changed();
      resolve({ exitCode, screen });
    });
  });
  return {
    get screen() {
      return screen;
    },
    async shows(text) {
      while (!screen.includes(text)) {
        if (over) throw new Error(`rig ended without ${JSON.stringify(text)}:\n${screen}`);
        await new Promise<void>((resolve) => wake.push(resolve));
      }
    },
    type: (text) => terminal.write(text),
    ended,
  };
}
