import { type IPty, spawn } from '@lydell/node-pty';
import xterm, { type Terminal } from '@xterm/headless';
import type { Home } from './home.ts';
import { RIG } from './rig.ts';

/** What a program in a terminal is given. */
export interface TerminalOptions {
  /** 80 unless said. */
  columns?: number;
  /** 24 unless said. */
  rows?: number;
  /** The whole environment of the program; `TERM` is `xterm-256color` unless it says so. */
  env?: Record<string, string>;
  cwd?: string;
  /** Milliseconds that a wait for the screen may take; 60,000 unless said. */
  patience?: number;
}

/** A program in a real terminal: its bytes are drawn as a terminal emulator draws them, and a test reads the screen. */
export interface TerminalScreen {
  readonly pty: IPty;
  /** The emulator behind the screen: its modes, its cursor, its cells. */
  readonly emulator: Terminal;
  /** Every byte that the program wrote. */
  readonly bytes: Buffer;
  /** The rows that are seen now, without what is blank at their ends. */
  rows(): string[];
  /** The rows that are seen now, as one text: a line that is wider than the terminal is one line all the same. */
  text(): string;
  /** Waits until the screen shows this; fails with the screen where the program ends or time passes without it. */
  shows(text: string | RegExp): Promise<void>;
  /** Waits until the screen does not show this. */
  lacks(text: string | RegExp): Promise<void>;
  /** Waits until the screen is as wanted; `what` names that in the failure. */
  until(what: string, isSo: (rows: string[]) => boolean): Promise<void>;
  /** Types: text, or bytes as they are. */
  type(keys: string | Buffer): void;
  resize(columns: number, rows: number): void;
  /** Sends a signal to the program. */
  kill(signal: string): void;
  /** Settles when the program has ended and all that it wrote is on the screen. */
  readonly ended: Promise<{ exitCode: number; signal: number | undefined }>;
  /** Ends the program where it still runs. */
  close(): Promise<void>;
}

/** Starts a program in a terminal of its own. */
export function openTerminal(file: string, args: readonly string[], options: TerminalOptions = {}): TerminalScreen {
  const { columns = 80, rows = 24, patience = 60_000 } = options;
  const pty = spawn(file, [...args], {
    name: 'xterm-256color',
    cols: columns,
    rows,
    // Bytes as they come: a character that two reads cut must reach the emulator whole.
    encoding: null,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { TERM: 'xterm-256color', ...(options.env ?? (process.env as Record<string, string>)) },
  });
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 10_000 });
  const watchers = new Set<() => void>();
  const chunks: Buffer[] = [];
  let over: { exitCode: number; signal: number | undefined } | undefined;
  const changed = (): void => {
    for (const look of [...watchers]) look();
  };

  pty.onData((data) => {
    const bytes = data as unknown as Buffer;
    chunks.push(bytes);
    emulator.write(bytes, changed);
  });
  // A program that asks the terminal who it is, or where the cursor stands, is answered.
  emulator.onData((answer) => {
    if (over === undefined) pty.write(answer);
  });
  const ended = new Promise<{ exitCode: number; signal: number | undefined }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      emulator.write('', () => {
        over = { exitCode, signal: signal === 0 ? undefined : signal };
        resolve(over);
        changed();
      });
    });
  });

  const seen = (): string[] => {
    const { active } = emulator.buffer;
    return Array.from({ length: emulator.rows }, (_, row) => {
      return active.getLine(active.baseY + row)?.translateToString(true) ?? '';
    });
  };
  const text = (): string => {
    const { active } = emulator.buffer;
    const lines = seen().map((row, index) => {
      const isWrapped = index > 0 && active.getLine(active.baseY + index)?.isWrapped === true;
      return isWrapped ? row : `\n${row}`;
    });
    return lines.join('').slice(1).trimEnd();
  };
  const until = (what: string, isSo: (rows: string[]) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        stop();
        reject(new Error(`${why} with this on the screen, where ${what} was waited for:\n${text()}`));
      };
      const timer = setTimeout(() => fail(`${patience} ms passed`), patience);
      const stop = (): void => {
        clearTimeout(timer);
        watchers.delete(look);
      };
      const look = (): void => {
        if (isSo(seen())) {
          stop();
          resolve();
        } else if (over !== undefined) fail(`the program ended (${over.exitCode})`);
      };
      watchers.add(look);
      look();
    });
  const has = (wanted: string | RegExp): boolean =>
    typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text());

  return {
    pty,
    emulator,
    get bytes() {
      return Buffer.concat(chunks);
    },
    rows: seen,
    text,
    until,
    shows: (wanted) => until(String(wanted), () => has(wanted)),
    lacks: (unwanted) => until(`the absence of ${unwanted}`, () => !has(unwanted)),
    type: (keys) => pty.write(keys as string),
    resize(toColumns, toRows) {
      emulator.resize(toColumns, toRows);
      pty.resize(toColumns, toRows);
    },
    kill: (signal) => pty.kill(signal),
    ended,
    async close() {
      if (over === undefined) pty.kill('SIGKILL');
      await ended;
      emulator.dispose();
    },
  };
}

/** Runs the real rig in a terminal of its own. */
export function rigOnScreen(home: Home, args: readonly string[], options: TerminalOptions = {}): TerminalScreen {
  return openTerminal(process.execPath, [RIG, ...args], {
    cwd: home.dir,
    ...options,
    env: { ...home.env, ...options.env },
  });
}
