import type { Readable } from 'node:stream';

/** The source ended before what was asked for. */
class EndOfBytes extends Error {
  readonly code = 'END_OF_BYTES';
}

/** Takes bytes from a stream as they are asked for, and no more than that. */
export class ByteReader {
  readonly #source: Readable;
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #signal: AbortSignal;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: Readable, signal: AbortSignal) {
    this.#source = source;
    this.#pieces = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#signal = signal;
  }

  /** So many bytes, together. */
  async exactly(count: number): Promise<Buffer> {
    if (this.#rest.length < count) {
      const parts = [this.#rest];
      let have = this.#rest.length;
      while (have < count) {
        const piece = await this.#next();
        parts.push(piece);
        have += piece.length;
      }
      this.#rest = Buffer.concat(parts);
    }
    return this.#cut(count);
  }

  /** So many bytes, as they come. */
  async *pieces(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const piece = this.#cut(Math.min(left, this.#rest.length));
      left -= piece.length;
      yield piece;
    }
  }

  /** Needs no more. */
  close(): void {
    this.#source.destroy();
  }

  #cut(count: number): Buffer {
    const piece = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return piece;
  }

  async #next(): Promise<Buffer> {
    this.#signal.throwIfAborted();
    const { done, value } = await this.#pieces.next();
    if (done) throw new EndOfBytes('the bytes ended');
    return value;
  }
}
