import type { TerminalLease } from '@rig/plugin-api';
import type { Io } from '../io.ts';
import type { Screen } from './screen.ts';
import { TerminalModes } from './terminal-modes.ts';

/** A lease and how the host ends it in an emergency. */
export interface HeldLease {
  readonly lease: TerminalLease;
  /** Gives the terminal its modes back at once; safe to call often. */
  restore(): void;
  /** Restores, and lets the queued output go on. */
  end(): void;
}

/** Milliseconds after which a process that was to be stopped, and still runs, was not. */
const NOT_STOPPED_MS = 100;

/**
 * Gives raw stdin and stdout to one command; all other output is queued until its release.
 *
 * @param onEnd called once, when it is released or ended
 */
export function takeTerminal(io: Io, screen: Screen, onEnd: () => void): HeldLease {
  const free = screen.hold();
  const { stdin } = io;
  const stdout = screen.out.stream;
  const modes = new TerminalModes();
  const resizes = new Set<() => void>();
  let raw: { output: boolean } | undefined;
  let ended = false;
  /** What the program that was stopped had set. */
  let again = '';

  const size = (): { columns: number; rows: number } => {
    const { columns, rows } = stdout.isTTY ? stdout : screen.err.stream;
    return { columns: columns || 80, rows: rows || 24 };
  };
  const setRaw = ({ output }: { output: boolean }): void => {
    stdin.setRawMode?.(true);
    if (output) io.stty('-opost');
  };
  const takeBack = (): void => {
    const text = modes.takeBack();
    if (text !== '') (screen.out.isTTY ? screen.out : screen.err).write(text);
  };
  const restore = (): void => {
    takeBack();
    if (raw !== undefined) stdin.setRawMode?.(false);
    raw = undefined;
  };
  let isLent = false;
  const stopSignals = io.onSignal(() => {
    if (!isLent) restore();
  });
  let notStopped: NodeJS.Timeout | undefined;
  // Whoever had the terminal meanwhile has set its modes, and perhaps its size.
  const goOn = (): void => {
    clearTimeout(notStopped);
    if (raw === undefined || isLent) return;
    stdin.setRawMode?.(false);
    setRaw(raw);
    lease.write(again).catch(() => {});
    again = '';
    for (const tell of [...resizes]) tell();
  };
  const stopContinues = io.onContinue(goOn);
  const end = (): void => {
    if (ended) return;
    ended = true;
    restore();
    clearTimeout(notStopped);
    stopSignals();
    stopContinues();
    for (const handler of resizes) stdout.off('resize', handler);
    resizes.clear();
    // A standard input that still flows would keep rig alive.
    stdin.pause();
    free();
    onEnd();
  };

  const lease: TerminalLease = {
    stdin,
    isTTY: stdin.isTTY === true && stdout.isTTY === true,
    get terminals() {
      return { stdin: stdin.isTTY === true, stdout: screen.out.isTTY, stderr: screen.err.isTTY };
    },
    get isFullScreen() {
      return modes.isFullScreen;
    },
    get isMidway() {
      return modes.isMidway;
    },
    async write(data) {
      if (ended) throw new Error('the terminal lease was released');
      if (screen.out.isTTY) modes.see(typeof data === 'string' ? Buffer.from(data) : data);
      screen.out.write(data);
      await screen.out.ready();
    },
    async writeError(data) {
      if (ended) throw new Error('the terminal lease was released');
      if (screen.err.isTTY) modes.see(typeof data === 'string' ? Buffer.from(data) : data);
      screen.err.write(data);
      await screen.err.ready();
    },
    setRawMode(on, { output = false } = {}) {
      if (ended || stdin.isTTY !== true) return;
      if (raw !== undefined) stdin.setRawMode?.(false);
      raw = on ? { output } : undefined;
      if (raw !== undefined) setRaw(raw);
    },
    lend() {
      isLent = true;
      return () => {
        isLent = false;
      };
    },
    suspend() {
      if (ended) return;
      again = modes.again();
      takeBack();
      stdin.setRawMode?.(false);
      io.suspend();
      // Where no shell could bring it back the system does not stop it, and nobody says that it goes on.
      notStopped = setTimeout(goOn, NOT_STOPPED_MS);
    },
    size,
    onResize(listener) {
      const handler = (): void => listener(size());
      stdout.on('resize', handler);
      resizes.add(handler);
      return () => {
        stdout.off('resize', handler);
        resizes.delete(handler);
      };
    },
    async release() {
      await screen.idle();
      end();
    },
  };
  return { lease, restore, end };
}
