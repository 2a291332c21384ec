import { RigError, truncate } from '@rig/plugin-api';
import type { Io } from '../io.ts';
import { Sink, type SinkEnd } from './sink.ts';

const ERASE = '\r\x1b[K';

/**
 * Both standard outputs and the one status line: whatever is printed goes through here, so that a progress bar never
 * mixes with text, and nothing is printed into a leased terminal or between a question and its answer.
 */
export class Screen {
  readonly out: Sink;
  readonly err: Sink;
  /** How often something was written to a terminal. */
  writes = 0;
  #drawn = false;
  #held: { release: Promise<void>; queue: Array<() => void> } | undefined;

  constructor(io: Io, onEnd: (end: SinkEnd, which: 'stdout' | 'stderr') => void) {
    this.out = new Sink(
      () => io.stdout,
      (end) => onEnd(end, 'stdout'),
    );
    this.err = new Sink(
      () => io.stderr,
      (end) => onEnd(end, 'stderr'),
    );
  }

  /** Writes to one of the outputs, or queues it while the terminal is somebody's alone. */
  write(sink: Sink, text: string): void {
    if (this.#held) {
      this.#held.queue.push(() => this.write(sink, text));
      return;
    }
    if (this.#drawn && (sink === this.err || sink.isTTY)) this.erase();
    if (sink.isTTY) this.writes += 1;
    sink.write(text);
  }

  /** Resolves when more may be written to standard output: its reader keeps up and the terminal is free. */
  async ready(): Promise<void> {
    while (this.#held) await this.#held.release;
    await this.out.ready();
  }

  /** Draws the status line on standard error; it is erased by whatever is printed next. */
  status(text: string): void {
    if (this.#held || this.err.busy || this.err.end) return;
    const columns = (this.err.stream.columns || 80) - 1;
    this.#drawn = true;
    this.err.write(`${ERASE}${truncate(text, columns)}`);
  }

  /** Takes the status line away. */
  erase(): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    this.err.write(ERASE);
  }

  /**
   * Takes the terminal for one user; all other output is queued until the returned function is called.
   *
   * @throws RigError `RIG_TERMINAL_BUSY` where it is taken already
   */
  hold(): () => void {
    if (this.#held)
      throw new RigError({
        code: 'RIG_TERMINAL_BUSY',
        message: 'the terminal is in use by another part of this command',
        hint: 'ask before the terminal is leased, or after its release',
      });
    this.erase();
    let done = (): void => {};
    const held = {
      release: new Promise<void>((resolve) => {
        done = resolve;
      }),
      queue: [] as Array<() => void>,
    };
    this.#held = held;
    return () => {
      if (this.#held !== held) return;
      this.#held = undefined;
      for (const write of held.queue) write();
      done();
    };
  }

  /** Resolves when everything that was printed is handed to the system. */
  async idle(): Promise<void> {
    await Promise.all([this.out.idle(), this.err.idle()]);
  }
}
