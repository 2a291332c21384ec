/** Bytes that a number may take: what is kept is below 2 ** 53. */
const MOST_BYTES = 8;

/** Writes whole numbers of 0 or more, small ones in a byte; a writer is used again and again. */
export class NumberWriter {
  #bytes = Buffer.allocUnsafe(8192);
  #length = 0;

  /** Adds a number. */
  add(value: number): void {
    if (this.#length + MOST_BYTES > this.#bytes.length) this.#grow(MOST_BYTES);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Adds a number that may be less than 0. */
  addSigned(value: number): void {
    this.add(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Adds a text of one-byte characters, with its length. */
  addText(text: string): void {
    this.add(text.length);
    this.#grow(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** What was added, as a text of one-byte characters: the smallest thing that the engine keeps. */
  text(): string {
    return this.#bytes.toString('latin1', 0, this.#length);
  }

  /** What was added, until the next that is. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew. */
  clear(): void {
    this.#length = 0;
  }

  #grow(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#length + bytes) * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Reads what {@link NumberWriter} has written. */
export class NumberReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether everything was read. */
  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The next number. @throws RangeError where there is none */
  next(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (this.#at >= this.#text.length) throw new RangeError('the numbers end amid one');
      const byte = this.#text.charCodeAt(this.#at++);
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
    }
  }

  /** The next number that may be less than 0. */
  nextSigned(): number {
    const value = this.next();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** The next text. */
  nextText(): string {
    const length = this.next();
    const text = this.#text.slice(this.#at, this.#at + length);
    if (text.length < length) throw new RangeError('the numbers end amid a text');
    this.#at += length;
    return text;
  }
}
