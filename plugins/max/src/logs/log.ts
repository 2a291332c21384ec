import { mkdirSync, readdirSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine } from '@rig/plugin-api/max';
import { encodeRecord, type NewRecord, toLogLine } from './record.ts';
import { Segment, type SourceMap, segmentFirst, segmentName } from './segment.ts';

/** How much of a log is kept, and how it is laid out. */
export interface LogLimits {
  /** A segment is followed by a new one above this size. */
  segmentBytes: number;
  /** The oldest segments are dropped above this size. */
  maxBytes: number;
  maxAgeDays: number;
}

/** What is kept where nothing else is said. */
export const DEFAULT_LIMITS: LogLimits = { segmentBytes: 4 * 1024 * 1024, maxBytes: 64 * 1024 * 1024, maxAgeDays: 30 };

/** File systems take the time of a write from a coarser clock than lines do. */
const CLOCK_SLACK_MS = 1_000;

/** What a read gives: lines in order, after an explicit gap where retention dropped some of what was asked for. */
export interface LogRead {
  gap?: { from: number; to: number };
  lines: LogLine[];
}

/** The log of one app or build: lines with rising numbers in append-only segment files. */
export class Log {
  readonly folder: string;
  readonly limits: LogLimits;
  readonly #sources: SourceMap = new Map();
  readonly #followers = new Set<() => void>();
  #segments: Segment[] = [];
  #closed = false;

  private constructor(folder: string, limits: LogLimits) {
    this.folder = folder;
    this.limits = limits;
  }

  /** Opens a log, or begins one; what a crash left half written is cut off. */
  static open(folder: string, limits: Partial<LogLimits> = {}): Log {
    const log = new Log(folder, { ...DEFAULT_LIMITS, ...limits });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const firsts = readdirSync(folder)
      .map(segmentFirst)
      .filter((first) => first !== undefined)
      .sort((a, b) => a - b);
    let last: Segment | undefined;
    while (last === undefined && firsts.length > 0) {
      const first = firsts.pop()!;
      last = Segment.recover(folder, first, log.#sources);
      if (last === undefined) setAside(join(folder, segmentName(first)));
    }
    if (last !== undefined) {
      const nexts = [...firsts.slice(1), last.first];
      log.#segments = [...firsts.map((first, index) => Segment.closed(folder, first, nexts[index]!)), last];
    }
    return log;
  }

  /** Sequence number of the last line, 0 for none. */
  get last(): number {
    const segment = this.#segments.at(-1);
    return segment === undefined ? 0 : segment.first + segment.count - 1;
  }

  /** Sequence number of the oldest line that is kept. */
  get first(): number {
    return this.#segments[0]?.first ?? 1;
  }

  /** Bytes on disk. */
  get keptBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** What is indexed of a source file. */
  position(file: string): { offset: number; cut: boolean } {
    return this.#sources.get(file) ?? { offset: 0, cut: false };
  }

  /** Forgets source files that are gone: else each start of an instance would make all later segments longer. */
  forget(files: readonly string[]): void {
    for (const file of files) this.#sources.delete(file);
  }

  /**
   * Appends records: they are in the file when this returns, and followers hear of them after.
   *
   * @throws what the file system says; the log is then as it was
   */
  append(records: NewRecord[]): void {
    if (records.length === 0 || this.#closed) return;
    const segment = this.#writable();
    let seq = this.last + 1;
    segment.append(records.map((record) => encodeRecord(seq++, record)));
    for (const { source } of records) {
      if (source !== undefined) this.#sources.set(source.file, { offset: source.offset, cut: source.cut });
    }
    this.wake();
  }

  /** Lets the followers look again: whoever writes the log is done. */
  wake(): void {
    for (const follower of [...this.#followers]) follower();
  }

  /** Reads what comes after a sequence number, oldest first; what is beyond the limits is left for the next read. */
  read(after: number, limit: { lines: number; bytes?: number }): LogRead {
    const result: LogRead = { lines: [] };
    let next = after + 1;
    if (next < this.first) {
      result.gap = { from: next, to: this.first - 1 };
      next = this.first;
    }
    let bytes = limit.bytes ?? Number.POSITIVE_INFINITY;
    while (result.lines.length < limit.lines && bytes > 0 && next <= this.last) {
      const segment = this.#segments.findLast((candidate) => candidate.first <= next)!;
      const records = segment.read(next, limit.lines - result.lines.length, bytes);
      if (records.length === 0) break;
      for (const record of records) {
        result.lines.push(toLogLine(record));
        bytes -= record.text.length + 64;
      }
      next = records.at(-1)!.seq + 1;
    }
    return result;
  }

  /** The first sequence number of the oldest segment that was written to since a time: earlier lines are older. */
  firstWrittenSince(at: number): number {
    const segment = this.#segments.find(({ path }) => modified(path) + CLOCK_SLACK_MS >= at);
    return segment?.first ?? this.last + 1;
  }

  /** Calls `follower` after each append. */
  follow(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Drops what is too old or too much; the segment that is written to stays. */
  retain(now: number = Date.now()): void {
    const oldest = now - this.limits.maxAgeDays * 86_400_000;
    while (this.#segments.length > 1) {
      const segment = this.#segments[0]!;
      if (this.keptBytes <= this.limits.maxBytes && modified(segment.path) >= oldest) return;
      rmSync(segment.path, { force: true });
      this.#segments.shift();
    }
  }

  /** Closes the log's file until something is appended. */
  rest(): void {
    for (const segment of this.#segments) segment.close();
  }

  /** Closes the log's file; nothing is appended any more. */
  close(): void {
    this.#closed = true;
    this.#followers.clear();
    for (const segment of this.#segments) segment.close();
  }

  /** Removes the log from disk. */
  remove(): void {
    this.close();
    this.#segments = [];
    rmSync(this.folder, { recursive: true, force: true });
  }

  #writable(): Segment {
    const current = this.#segments.at(-1);
    if (current !== undefined && current.bytes < this.limits.segmentBytes) return current;
    const next = Segment.create(this.folder, this.last + 1, this.#sources);
    current?.close();
    this.#segments.push(next);
    this.retain();
    return next;
  }
}

/** Removes a segment that a crash left without a line; one that holds anything stays beside the log for a person to look at. */
function setAside(path: string): void {
  if (statSync(path).size === 0) unlinkSync(path);
  else renameSync(path, `${path}.damaged`);
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
