import type { LogLine } from '@rig/plugin-api/max';

/** Where in an instance's output file a record ends. */
export interface SourcePosition {
  /** Names the file among the sources of its log, e.g. `inst_1/stdout`. */
  file: string;
  /** Bytes of the file that are indexed, this record's included. */
  offset: number;
  /** The record's line was cut: what follows up to the next line's end belongs to it and is skipped. */
  cut: boolean;
}

/** What is appended to a log; the log gives it its sequence number. */
export interface NewRecord {
  /** Milliseconds since the epoch. */
  at: number;
  instance: string;
  stream: LogLine['stream'];
  text: string;
  /** Stored in the same write as the line, so that no line is indexed twice or missed after a crash. */
  source?: SourcePosition;
}

/** A record as it is read back. */
export interface StoredRecord extends NewRecord {
  seq: number;
}

interface Encoded {
  s: number;
  t: number;
  i: string;
  o: 'o' | 'e' | 's';
  x: string;
  f?: string;
  p?: number;
  c?: 1;
}

const STREAMS = { o: 'stdout', e: 'stderr', s: 'system' } as const;

/** Encodes a record as one line of a segment, its line end included. */
export function encodeRecord(seq: number, record: NewRecord): string {
  const encoded: Encoded = {
    s: seq,
    t: record.at,
    i: record.instance,
    o: record.stream === 'stdout' ? 'o' : record.stream === 'stderr' ? 'e' : 's',
    x: record.text,
  };
  if (record.source !== undefined) {
    encoded.f = record.source.file;
    encoded.p = record.source.offset;
    if (record.source.cut) encoded.c = 1;
  }
  return `${JSON.stringify(encoded)}\n`;
}

/** Decodes a segment's line, or answers `undefined` for one that was torn or damaged. */
export function decodeRecord(line: string): StoredRecord | undefined {
  let encoded: Encoded;
  try {
    encoded = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof encoded !== 'object' || encoded === null) return undefined;
  const stream = STREAMS[encoded.o];
  if (!Number.isSafeInteger(encoded.s) || typeof encoded.x !== 'string' || stream === undefined) return undefined;
  const record: StoredRecord = { seq: encoded.s, at: encoded.t, instance: encoded.i, stream, text: encoded.x };
  if (encoded.f !== undefined && encoded.p !== undefined) {
    record.source = { file: encoded.f, offset: encoded.p, cut: encoded.c === 1 };
  }
  return record;
}

/** The record as the contract has it. */
export function toLogLine(record: StoredRecord): LogLine {
  return {
    seq: record.seq,
    at: new Date(record.at).toISOString(),
    instance: record.instance,
    stream: record.stream,
    text: record.text,
  };
}
