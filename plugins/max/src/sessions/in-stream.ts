import type { Sink } from './sink.ts';

/** The standard input of a session: each byte once and in order, however often it is sent. */
export class InStream {
  readonly #sink: Sink;
  readonly #window: number;
  readonly #onTaken: () => void;
  #received = 0;
  #taken = 0;
  /** Where the client began that came anew last: what was before it never had. */
  #base = 0;
  #eof: number | undefined;
  #ended = false;

  /** @param window bytes that a client may have on their way; @param onTaken is called when it has taken some */
  constructor(sink: Sink, window: number, onTaken: () => void) {
    this.#sink = sink;
    this.#window = window;
    this.#onTaken = onTaken;
  }

  /** Bytes that Max has, be they with the program or not. */
  get received(): number {
    return this.#received;
  }

  /**
   * Where a client goes on that joins: one that comes back after what the program has, as it has the rest still and counts
   * its window from there; one that comes anew after all that Max has.
   */
  resumeAt(comesBack: boolean): number {
    if (!comesBack) this.#base = this.#received;
    return Math.max(this.#taken, this.#base);
  }

  /** Bytes that the program has. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a piece; says what is wrong with one that leaves bytes out, or that there is no room for. */
  accept(offset: number, bytes: Buffer): 'gap' | 'overrun' | undefined {
    if (offset > this.#received) return 'gap';
    const known = this.#received - offset;
    if (known >= bytes.length) return undefined;
    const fresh = known === 0 ? bytes : bytes.subarray(known);
    // One that comes anew has a window of its own beside what the one before has left.
    if (this.#received + fresh.length - this.#taken > 2 * this.#window) return 'overrun';
    this.#received += fresh.length;
    this.#sink.write(fresh, () => {
      this.#taken += fresh.length;
      this.#onTaken();
    });
    this.#endWhenDue();
    return undefined;
  }

  /** Nothing comes after `at`. */
  finish(at: number): void {
    this.#eof ??= at;
    this.#endWhenDue();
  }

  #endWhenDue(): void {
    if (this.#ended || this.#eof === undefined || this.#received < this.#eof) return;
    this.#ended = true;
    this.#sink.end();
  }
}
