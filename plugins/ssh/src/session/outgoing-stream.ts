/** Bytes of one message: fewer messages cost less, but others want a turn on the same connection. */
const mostPiece = 256 * 1024;
/**
 * What may wait for an acknowledgement, whatever Max allows: a channel keeps 1 MiB and 256 messages for a connection that is
 * full, and what is beyond that would be lost to it.
 */
const most = { bytes: 960 * 1024, pieces: 128 };

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface WaitingWrite {
  bytes: Uint8Array;
  readonly done: () => void;
}

/** What the stream is sent by. */
export interface OutgoingOptions {
  /** Bytes that may be on their way unacknowledged. */
  readonly window: number;
  /** Offset of the first byte that is to be sent. */
  readonly from: number;
  /** Sends a piece if there is a connection; what is not acknowledged is sent again when there is. */
  send(piece: Piece): void;
  /** Sends that the stream ends at this offset. */
  sendEnd(at: number): void;
}

/** Standard input of a session: kept until Max has acknowledged it, and never more of it than the window. */
export class OutgoingStream {
  readonly #options: OutgoingOptions;
  readonly #window: number;
  #pieces: Piece[] = [];
  #waiting: WaitingWrite[] = [];
  #acknowledged: number;
  #end: number;
  #isEnding = false;
  #isEnded = false;
  #isClosed = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#window = Math.max(1, Math.min(options.window, most.bytes));
    this.#acknowledged = options.from;
    this.#end = options.from;
  }

  /** Whether what is written still reaches anybody. */
  get isOpen(): boolean {
    return !this.#isEnding && !this.#isClosed;
  }

  /**
   * Resolves when the window has taken all of it: await it, and a slow program slows its writer. The bytes must not be changed
   * after that either: they may be sent again.
   */
  write(bytes: Uint8Array): Promise<void> {
    if (!this.isOpen || bytes.length === 0) return Promise.resolve();
    return new Promise((done) => {
      this.#waiting.push({ bytes, done });
      this.#pump();
    });
  }

  /** Ends the stream after what was written. */
  end(): void {
    if (!this.isOpen) return;
    this.#isEnding = true;
    this.#pump();
  }

  /** Max has taken everything before this offset. */
  acknowledged(offset: number): void {
    if (offset > this.#end) return;
    this.#forget(offset);
    this.#pump();
  }

  /**
   * There is a connection again, and Max has taken everything before this offset: sends the rest.
   *
   * @returns `false` where that cannot be: somebody else has written in between
   */
  resume(offset: number): boolean {
    if (offset > this.#end || offset < this.#acknowledged) return false;
    this.#forget(offset);
    for (const piece of this.#pieces) this.#options.send(piece);
    if (this.#isEnded) this.#options.sendEnd(this.#end);
    this.#pump();
    return true;
  }

  /** Nobody reads any more: whoever waits goes on, and what is written is forgotten. */
  close(): void {
    this.#isClosed = true;
    this.#pieces = [];
    for (const { done } of this.#waiting.splice(0)) done();
  }

  #forget(offset: number): void {
    if (offset <= this.#acknowledged) return;
    this.#acknowledged = offset;
    while (this.#pieces.length > 0) {
      const first = this.#pieces[0] as Piece;
      if (first.offset >= offset) return;
      if (first.offset + first.bytes.length > offset) {
        this.#pieces[0] = { offset, bytes: first.bytes.subarray(offset - first.offset) };
        return;
      }
      this.#pieces.shift();
    }
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#room > 0) {
      const write = this.#waiting[0] as WaitingWrite;
      const size = Math.min(write.bytes.length, this.#room, mostPiece);
      const bytes = write.bytes.subarray(0, size);
      write.bytes = write.bytes.subarray(size);
      const piece = { offset: this.#end, bytes };
      this.#end += size;
      this.#pieces.push(piece);
      this.#options.send(piece);
      if (write.bytes.length > 0) continue;
      this.#waiting.shift();
      write.done();
    }
    if (!this.#isEnding || this.#isEnded || this.#waiting.length > 0) return;
    this.#isEnded = true;
    this.#options.sendEnd(this.#end);
  }

  get #room(): number {
    if (this.#isClosed || this.#pieces.length >= most.pieces) return 0;
    return this.#window - (this.#end - this.#acknowledged);
  }
}
