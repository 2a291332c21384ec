import { writeSync } from 'node:fs';
import type { Sink } from './sink.ts';

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 25;

/** What a terminal takes for the end of its input, at the beginning of a line. */
const END_OF_INPUT = Buffer.from([4]);

/** Writes to a terminal whose program may not read: what does not fit waits here, and nothing else does. */
export class PtySink implements Sink {
  readonly #fd: number;
  readonly #isOpen: () => boolean;
  readonly #waiting: Array<{ bytes: Buffer; taken: () => void }> = [];
  #pauseMs = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param fd does not block; @param isOpen whether it is still the terminal's */
  constructor(fd: number, isOpen: () => boolean) {
    this.#fd = fd;
    this.#isOpen = isOpen;
  }

  write(bytes: Buffer, taken: () => void): void {
    if (this.#closed) {
      taken();
      return;
    }
    this.#waiting.push({ bytes, taken });
    if (this.#timer === undefined) this.#flush();
  }

  end(): void {
    this.write(END_OF_INPUT, () => {});
  }

  /** The terminal is gone: nobody waits for it any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const { taken } of this.#waiting.splice(0)) taken();
  }

  #flush(): void {
    this.#timer = undefined;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const written = this.#try(next.bytes);
      if (written < next.bytes.length) {
        next.bytes = next.bytes.subarray(written);
        if (this.#closed) return;
        this.#pauseMs = written > 0 ? FIRST_PAUSE_MS : Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
        this.#timer = setTimeout(() => this.#flush(), this.#pauseMs);
        return;
      }
      this.#waiting.shift();
      next.taken();
    }
    this.#pauseMs = FIRST_PAUSE_MS;
  }

  /** Writes as much as the terminal takes at once. */
  #try(bytes: Buffer): number {
    if (!this.#isOpen()) return bytes.length;
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      // Whatever else it is, nobody reads at the other end.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return bytes.length;
    }
    return written;
  }
}
