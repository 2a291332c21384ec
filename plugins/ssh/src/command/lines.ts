/** A longer line is given in parts, so that one without an end does not fill the memory. */
const LONGEST = 64 * 1024;
const NEWLINE = 0x0a;

/** A line without its end, or a part of one. */
export interface Line {
  bytes: Buffer;
  /** Whether a line end follows. */
  ended: boolean;
}

/** Cuts a stream of bytes into lines, whatever the bytes are. */
export class Lines {
  #rest: Buffer[] = [];
  #length = 0;

  /** The lines that are whole with this piece. */
  *push(bytes: Buffer): Generator<Line> {
    let start = 0;
    while (start < bytes.length) {
      const end = bytes.indexOf(NEWLINE, start);
      const stop = end === -1 ? bytes.length : end;
      const most = LONGEST - this.#length;
      if (stop - start > most) {
        this.#keep(bytes.subarray(start, start + most));
        start += most;
        yield this.#take(false);
        continue;
      }
      this.#keep(bytes.subarray(start, stop));
      start = stop + 1;
      if (end !== -1) yield this.#take(true);
    }
  }

  /** What is left without a line end, once nothing more comes. */
  *end(): Generator<Line> {
    if (this.#length > 0) yield this.#take(false);
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(bytes);
    this.#length += bytes.length;
  }

  #take(ended: boolean): Line {
    const bytes = this.#rest.length === 1 ? (this.#rest[0] as Buffer) : Buffer.concat(this.#rest);
    this.#rest = [];
    this.#length = 0;
    return { bytes, ended };
  }
}
