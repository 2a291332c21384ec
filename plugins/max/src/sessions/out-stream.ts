/** Small pieces become one up to here: a window of single bytes would be many thousand objects. */
const MERGED_BYTES = 4096;
/** Bytes of one message: fewer messages cost less, but others want a turn on the same connection. */
const MESSAGE_BYTES = 256 * 1024;

/** A stream that comes out of a session: what the client has not dealt with is kept, to be sent again. */
export class OutStream {
  readonly #pieces: Buffer[] = [];
  /** Offset of the first byte that is kept. */
  #first = 0;
  /** Offset after the last. */
  #end = 0;
  /** Offset of the next byte to send, and the piece that it lies in. */
  #next = 0;
  #at = 0;
  #atOffset = 0;
  #eof = false;
  #eofSent = false;

  /** Bytes of the whole stream up to now. */
  get total(): number {
    return this.#end;
  }

  /** Bytes that are kept. */
  get held(): number {
    return this.#end - this.#first;
  }

  /** Whether nothing more comes. */
  get ended(): boolean {
    return this.#eof;
  }

  append(bytes: Buffer): void {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.length + bytes.length <= MERGED_BYTES)
      this.#pieces[this.#pieces.length - 1] = Buffer.concat([last, bytes]);
    else this.#pieces.push(bytes);
    this.#end += bytes.length;
  }

  /** Nothing more comes. */
  finish(): void {
    this.#eof = true;
  }

  /** Forgets what the client has dealt with. */
  acknowledge(offset: number): void {
    const upTo = Math.min(offset, this.#end);
    let gone = 0;
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[gone]) {
      if (this.#first + piece.length > upTo) break;
      this.#first += piece.length;
      gone += 1;
    }
    this.#pieces.splice(0, gone);
    const first = this.#pieces[0];
    if (first !== undefined && upTo > this.#first) {
      this.#pieces[0] = first.subarray(upTo - this.#first);
      this.#first = upTo;
    }
    // Whoever has it need not get it.
    this.#seek(Math.max(this.#next, this.#first));
  }

  /** Begins to send again: from `offset`, or from what there is where that is less; gives the offset that it begins at. */
  rewind(offset: number): number {
    this.#eofSent = false;
    this.acknowledge(offset);
    this.#seek(this.#first);
    return this.#first;
  }

  /** The next bytes to send, in as many pieces as they came; `undefined` where there are none. */
  take(): { offset: number; bytes: Buffer[] } | undefined {
    const offset = this.#next;
    const bytes: Buffer[] = [];
    for (let piece = this.#pieces[this.#at]; piece !== undefined; piece = this.#pieces[this.#at]) {
      const rest = piece.subarray(this.#next - this.#atOffset);
      if (bytes.length > 0 && this.#next - offset + rest.length > MESSAGE_BYTES) break;
      this.#next += rest.length;
      if (rest.length > 0) bytes.push(rest);
      // The last one stays: small pieces may still be added to it.
      if (this.#at === this.#pieces.length - 1) break;
      this.#at += 1;
      this.#atOffset += piece.length;
    }
    return bytes.length === 0 ? undefined : { offset, bytes };
  }

  /** The length of the stream, where its end is the next to be sent. */
  takeEnd(): number | undefined {
    if (!this.#eof || this.#eofSent || this.#next !== this.#end) return undefined;
    this.#eofSent = true;
    return this.#end;
  }

  #seek(offset: number): void {
    this.#next = offset;
    this.#at = 0;
    this.#atOffset = this.#first;
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[this.#at]) {
      if (this.#atOffset + piece.length > offset || this.#at === this.#pieces.length - 1) return;
      this.#atOffset += piece.length;
      this.#at += 1;
    }
  }
}
