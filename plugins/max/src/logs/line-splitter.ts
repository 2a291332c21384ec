/** A line may have at most that many bytes of UTF-8, the note on a cut included. */
export const MAX_LINE_BYTES = 64 * 1024;

const CUT_NOTE = ' [cut by Max: a line has at most 64 KiB]';
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A line that was found. */
export interface SplitLine {
  text: string;
  /** Offset just after what the line consists of, its line end included. */
  offset: number;
  cut: boolean;
}

/** Where a splitter begins: mid-line after a part that was given out already, cut or not. */
export interface SplitterStart {
  offset: number;
  midLine: boolean;
  cut: boolean;
}

/** Splits a byte stream into lines; it holds at most one line's bytes, and never breaks a UTF-8 character. */
export class LineSplitter {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #offset: number;
  #midLine: boolean;
  #skipping: boolean;

  constructor(start: SplitterStart = { offset: 0, midLine: false, cut: false }) {
    this.#offset = start.offset;
    this.#midLine = start.midLine;
    this.#skipping = start.midLine && start.cut;
  }

  /** Whether a part of a line waits for its end. */
  get hasPartial(): boolean {
    return this.#pendingBytes > 0;
  }

  /** Takes the next bytes and gives the lines that end in them. */
  push(chunk: Buffer): SplitLine[] {
    const lines: SplitLine[] = [];
    let start = 0;
    while (start < chunk.length) {
      const found = chunk.indexOf(NEWLINE, start);
      const end = found === -1 ? chunk.length : found;
      this.#take(chunk.subarray(start, end), lines);
      if (found === -1) break;
      this.#offset += 1;
      this.#endLine(lines);
      start = found + 1;
    }
    return lines;
  }

  /**
   * Gives out the part of a line that waits for its end: a prompt, a last line without one.
   *
   * @param all at the stream's end; else a UTF-8 character that has not arrived wholly is held back
   */
  flush(all: boolean): SplitLine[] {
    if (this.#pendingBytes === 0) return [];
    const bytes = Buffer.concat(this.#pending);
    const end = all ? bytes.length : wholeCharacters(bytes);
    if (end === 0) return [];
    const rest = bytes.subarray(end);
    this.#pending = rest.length === 0 ? [] : [Buffer.from(rest)];
    this.#pendingBytes = rest.length;
    this.#midLine = true;
    return [{ text: bytes.toString('utf8', 0, end), offset: this.#offset - rest.length, cut: false }];
  }

  #take(piece: Buffer, lines: SplitLine[]): void {
    this.#offset += piece.length;
    if (piece.length === 0 || this.#skipping) return;
    // A copy: the chunk's memory is its reader's, and is used again.
    this.#pending.push(Buffer.from(piece.subarray(0, MAX_LINE_BYTES + 1)));
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes <= MAX_LINE_BYTES) return;
    const bytes = Buffer.concat(this.#pending);
    const end = wholeCharacters(bytes.subarray(0, MAX_LINE_BYTES - CUT_NOTE.length));
    lines.push({ text: bytes.toString('utf8', 0, end) + CUT_NOTE, offset: this.#offset, cut: true });
    this.#clear();
    this.#midLine = true;
    this.#skipping = true;
  }

  #endLine(lines: SplitLine[]): void {
    const silent = this.#skipping || (this.#midLine && this.#pendingBytes === 0);
    if (!silent) lines.push({ text: this.#text(), offset: this.#offset, cut: false });
    this.#clear();
    this.#midLine = false;
    this.#skipping = false;
  }

  #text(): string {
    if (this.#pendingBytes === 0) return '';
    const bytes = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending);
    const end = bytes[bytes.length - 1] === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    return bytes.toString('utf8', 0, end);
  }

  #clear(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

/** Bytes up to the end of the last UTF-8 character that is there as a whole. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
