import type { TerminalLease } from '@rig/plugin-api';
import type { Io } from '../io.ts';
import type { Screen } from './screen.ts';

/** A lease and how the host ends it in an emergency. */
export interface HeldLease {
  readonly lease: TerminalLease;
  /** Gives the terminal its modes back at once; safe to call often. */
  restore(): void;
  /** Restores, and lets the queued output go on. */
  end(): void;
}

/**
 * Gives raw stdin and stdout to one command; all other output is queued until its release.
 *
 * @param onEnd called once, when it is released or ended
 */
export function takeTerminal(io: Io, screen: Screen, onEnd: () => void): HeldLease {
  const free = screen.hold();
  const { stdin } = io;
  const stdout = screen.out.stream;
  const resizes = new Set<() => void>();
  let raw = false;
  let ended = false;

  const size = (): { columns: number; rows: number } => {
    const { columns, rows } = stdout.isTTY ? stdout : screen.err.stream;
    return { columns: columns || 80, rows: rows || 24 };
  };
  const restore = (): void => {
    if (!raw) return;
    raw = false;
    stdin.setRawMode?.(false);
  };
  const stopSignals = io.onSignal(() => restore());
  const end = (): void => {
    if (ended) return;
    ended = true;
    restore();
    stopSignals();
    for (const stop of [...resizes]) stop();
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
    async write(data) {
      if (ended) throw new Error('the terminal lease was released');
      screen.out.write(data);
      await screen.out.ready();
    },
    async writeError(data) {
      if (ended) throw new Error('the terminal lease was released');
      screen.err.write(data);
      await screen.err.ready();
    },
    setRawMode(on) {
      if (ended || stdin.isTTY !== true) return;
      raw = on;
      stdin.setRawMode?.(on);
    },
    size,
    onResize(listener) {
      const handler = (): void => listener(size());
      stdout.on('resize', handler);
      const stop = (): void => {
        stdout.off('resize', handler);
        resizes.delete(stop);
      };
      resizes.add(stop);
      return stop;
    },
    async release() {
      await screen.idle();
      end();
    },
  };
  return { lease, restore, end };
}
