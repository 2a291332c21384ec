/** Bytes that did not come: what Max keeps of a stream for one who comes back is bounded. */
export interface StreamHole {
  /** Which stream. */
  stream: 'stdout' | 'stderr';
  /** Offset of the first byte that is missing. */
  from: number;
  /** Offset of the first byte after them. */
  to: number;
}

/** What a stream tells its session. */
export interface IncomingOptions {
  /** Bytes that may be on their way unacknowledged. */
  readonly window: number;
  /** Offset of the first byte that will come. */
  readonly from: number;
  /** Everything before this offset was dealt with: to be told to Max. */
  acknowledge(offset: number): void;
}

interface Chunk {
  readonly bytes: Buffer;
  /** Offset of the first byte after it. */
  readonly end: number;
}

/**
 * One stream of a session's output, in order and each byte once, however often it was sent.
 *
 * A chunk counts as dealt with when its reader asks for the next one; only then Max may send more, so that a slow reader
 * slows the program and no memory fills up. Has one reader.
 */
export class IncomingStream implements AsyncIterableIterator<Buffer> {
  readonly #options: IncomingOptions;
  readonly #chunks: Chunk[] = [];
  #expected: number;
  #dealt: number;
  #acknowledged: number;
  #inHand: Chunk | undefined;
  #ended = false;
  #waiting: ((result: IteratorResult<Buffer>) => void) | undefined;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#expected = options.from;
    this.#dealt = options.from;
    this.#acknowledged = options.from;
  }

  /** Bytes that were dealt with. */
  get dealt(): number {
    return this.#dealt;
  }

  /** Max begins anew, at this offset; gives what is missing before it. */
  resume(from: number): { from: number; to: number } | undefined {
    // The join has told it what was dealt with.
    this.#acknowledged = this.#dealt;
    return this.#skipTo(from);
  }

  /** Takes a piece, without what came already; gives what is missing before it. */
  push(offset: number, bytes: Buffer): { from: number; to: number } | undefined {
    const hole = this.#skipTo(offset);
    const fresh = bytes.subarray(this.#expected - offset);
    if (fresh.length === 0 || this.#ended) return hole;
    this.#expected += fresh.length;
    const chunk = { bytes: fresh, end: this.#expected };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#chunks.push(chunk);
    else waiting(this.#hand(chunk));
    return hole;
  }

  /** Nothing more will come; what is there is still read. Gives what is missing before the end, where that is known. */
  end(at = this.#expected): { from: number; to: number } | undefined {
    const hole = this.#ended ? undefined : this.#skipTo(at);
    this.#ended = true;
    this.#wake();
    return hole;
  }

  #wake(): void {
    if (this.#chunks.length > 0) return;
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  next(): Promise<IteratorResult<Buffer>> {
    this.#deal();
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) return Promise.resolve(this.#hand(chunk));
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** A reader that leaves its loop wants nothing more. */
  return(): Promise<IteratorResult<Buffer>> {
    this.#deal();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    return this;
  }

  #hand(chunk: Chunk): IteratorResult<Buffer> {
    this.#inHand = chunk;
    return { done: false, value: chunk.bytes };
  }

  #deal(): void {
    if (this.#inHand !== undefined) this.#dealt = this.#inHand.end;
    this.#inHand = undefined;
    // A quarter of the window: Max never has to stop for an acknowledgement that is on its way.
    if (this.#dealt - this.#acknowledged < this.#options.window / 4) return;
    this.#acknowledged = this.#dealt;
    this.#options.acknowledge(this.#dealt);
  }

  #skipTo(offset: number): { from: number; to: number } | undefined {
    if (offset <= this.#expected) return undefined;
    const hole = { from: this.#expected, to: offset };
    // Those bytes will never be in anybody's hand.
    if (this.#dealt === this.#expected) this.#dealt = offset;
    this.#expected = offset;
    return hole;
  }
}
