import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeRecord, type StoredRecord } from './record.ts';

const NEWLINE = 0x0a;
/** One position is remembered for that many records. */
const INDEX_STRIDE = 64;
const READ_BYTES = 64 * 1024;

/** What is indexed of each source file: its offset, and whether the last line was cut. */
export type SourceMap = Map<string, { offset: number; cut: boolean }>;

/** The first line of a segment. */
interface Header {
  v: 1;
  first: number;
  sources: Record<string, [offset: number, cut: 0 | 1]>;
}

/** Encodes the first line of a segment, its line end included: the number of its first record, and what is indexed before that. */
export function encodeHeader(first: number, sources: SourceMap): Buffer {
  const header: Header = { v: 1, first, sources: {} };
  for (const [file, { offset, cut }] of sources) header.sources[file] = [offset, cut ? 1 : 0];
  return Buffer.from(`${JSON.stringify(header)}\n`);
}

/** Decodes the first line of a segment, or answers `undefined` for one that was torn or damaged. */
export function decodeHeader(line: string): { first: number; sources: SourceMap } | undefined {
  try {
    const header = JSON.parse(line) as Header;
    if (header.v !== 1 || typeof header.sources !== 'object' || header.sources === null) return undefined;
    const sources: SourceMap = new Map();
    for (const [file, [offset, cut]] of Object.entries(header.sources)) sources.set(file, { offset, cut: cut === 1 });
    return { first: header.first, sources };
  } catch {
    return undefined;
  }
}

/** A file of records with rising sequence numbers without holes, so that a record's line number is its sequence number less the first. */
export class Segment {
  readonly path: string;
  readonly first: number;
  /** Records in it. */
  count = 0;
  /** Bytes in it that are records or the header; what a failed write left beyond is never read. */
  bytes = 0;
  #positions: number[] = [];
  #indexed: boolean;
  #fd: number | undefined;

  private constructor(path: string, first: number, indexed: boolean) {
    this.path = path;
    this.first = first;
    this.#indexed = indexed;
  }

  /** Makes a new segment; `sources` is what the log knows at that moment, so that the last segment alone tells all. */
  static create(folder: string, first: number, sources: SourceMap): Segment {
    const segment = new Segment(join(folder, segmentName(first)), first, true);
    segment.#fd = openSync(segment.path, 'w', 0o600);
    try {
      segment.#write(encodeHeader(first, sources));
    } catch (error) {
      segment.close();
      throw error;
    }
    return segment;
  }

  /** A segment that is no longer written to: its records are counted by the one that follows it, lost ones too. */
  static closed(folder: string, first: number, next: number): Segment {
    const segment = new Segment(join(folder, segmentName(first)), first, false);
    segment.count = next - first;
    segment.bytes = statSync(segment.path).size;
    return segment;
  }

  /**
   * Opens the last segment of a log: reads it, cuts off what a crash left half written, and adds to `sources`.
   *
   * @returns `undefined` where not even the header is whole
   */
  static recover(folder: string, first: number, sources: SourceMap): Segment | undefined {
    const segment = new Segment(join(folder, segmentName(first)), first, true);
    const content = readFileSync(segment.path);
    const headerEnd = content.indexOf(NEWLINE);
    const header = headerEnd === -1 ? undefined : decodeHeader(content.toString('utf8', 0, headerEnd));
    if (header === undefined || header.first !== first) return undefined;
    for (const [file, position] of header.sources) sources.set(file, position);
    let start = headerEnd + 1;
    while (start < content.length) {
      const end = content.indexOf(NEWLINE, start);
      if (end === -1) break;
      const record = decodeRecord(content.toString('utf8', start, end));
      if (record === undefined || record.seq !== first + segment.count) break;
      if (record.source !== undefined) {
        const { file, offset, cut } = record.source;
        sources.set(file, { offset, cut });
      }
      segment.#note(start);
      start = end + 1;
    }
    segment.bytes = start;
    if (start < content.length) segment.#truncate();
    return segment;
  }

  /** Appends encoded records in one write; after a failure the file ends where it ended before. */
  append(lines: string[]): void {
    const encoded = lines.map((line) => Buffer.from(line));
    const before = this.bytes;
    this.#write(Buffer.concat(encoded));
    let position = before;
    for (const line of encoded) {
      this.#note(position);
      position += line.length;
    }
  }

  /** Reads records from `seq` on, up to `lines` and about `bytes`; none where those that it should have are lost. */
  read(seq: number, lines: number, bytes: number): StoredRecord[] {
    this.#index();
    const skip = seq - this.first;
    const found: StoredRecord[] = [];
    if (skip < 0 || skip >= this.count) return found;
    let position = this.#positions[Math.floor(skip / INDEX_STRIDE)]!;
    let number = skip - (skip % INDEX_STRIDE);
    let rest: Buffer = Buffer.alloc(0);
    let taken = 0;
    const fd = openSync(this.path, 'r');
    try {
      while (position < this.bytes) {
        const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, this.bytes - position));
        const size = readSync(fd, chunk, 0, chunk.length, position);
        if (size === 0) break;
        position += size;
        rest = rest.length === 0 ? chunk.subarray(0, size) : Buffer.concat([rest, chunk.subarray(0, size)]);
        let start = 0;
        for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE, start)) {
          if (number >= skip) {
            const record = decodeRecord(rest.toString('utf8', start, end));
            if (record !== undefined) {
              found.push(record);
              taken += end - start;
              // Not after one that is damaged: what reads nothing here would take the rest for lost.
              if (found.length >= lines || taken >= bytes) return found;
            }
          }
          number += 1;
          start = end + 1;
        }
        rest = rest.subarray(start);
      }
    } finally {
      closeSync(fd);
    }
    return found;
  }

  /** Brings it to the disk, its name too: even a loss of power leaves it. */
  sync(): void {
    this.#fd ??= openSync(this.path, 'r+');
    fsyncSync(this.#fd);
    const folder = openSync(dirname(this.path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  /** Closes the file; a later append opens it again. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #note(position: number): void {
    if (this.count % INDEX_STRIDE === 0) this.#positions.push(position);
    this.count += 1;
  }

  /** Counts the line ends of a segment that was written before this process ran. */
  #index(): void {
    if (this.#indexed) return;
    const content = readFileSync(this.path);
    this.#positions = [];
    let line = 0;
    for (let end = content.indexOf(NEWLINE); end !== -1; end = content.indexOf(NEWLINE, end + 1)) {
      if (line % INDEX_STRIDE === 0 && line < this.count) this.#positions.push(end + 1);
      line += 1;
    }
    this.#indexed = true;
  }

  #write(data: Buffer): void {
    this.#fd ??= openSync(this.path, 'r+');
    let written = 0;
    try {
      while (written < data.length) {
        written += writeSync(this.#fd, data, written, data.length - written, this.bytes + written);
      }
    } catch (error) {
      this.#truncate();
      throw error;
    }
    this.bytes += data.length;
  }

  #truncate(): void {
    this.#fd ??= openSync(this.path, 'r+');
    ftruncateSync(this.#fd, this.bytes);
  }
}

/** The file name of the segment whose first record has this sequence number. */
export function segmentName(first: number): string {
  return `${String(first).padStart(16, '0')}.log`;
}

/** The first sequence number in a segment's file name, or `undefined` for another file. */
export function segmentFirst(name: string): number | undefined {
  return /^\d{16}\.log$/.test(name) ? Number(name.slice(0, 16)) : undefined;
}
