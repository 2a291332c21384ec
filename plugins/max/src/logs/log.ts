import { mkdirSync, readdirSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { APP_DEFAULTS, type LogLine } from '@rig/plugin-api/max';
import { encodeRecord, type NewRecord, toLogLine } from './record.ts';
import { Segment, type SourceMap, segmentFirst, segmentName } from './segment.ts';
import { isTrimRest, trimSegment } from './trim-segment.ts';

/** How much of a log is kept, and how it is laid out. */
export interface LogLimits {
  /** A segment is followed by a new one above this size, or earlier where little is kept. */
  segmentBytes: number;
  /** The oldest lines are dropped above this size. */
  maxBytes: number;
  /** Older lines are dropped; 0: none for its age. */
  maxAgeDays: number;
}

/** What is kept where nothing else is said. */
export const DEFAULT_LIMITS: LogLimits = { segmentBytes: 4 * 1024 * 1024, ...APP_DEFAULTS.logs };

const DAY_MS = 86_400_000;

/** What is kept lies in about that many segments at least: the oldest of them is what is dropped at once. */
const PARTS = 16;

const SEGMENT_MIN_BYTES = 64 * 1024;

/** File systems take the time of a write from a coarser clock than lines do. */
const CLOCK_SLACK_MS = 1_000;

/** What a read gives: lines in order, after an explicit gap where what was asked for first was dropped by retention, or lost. */
export interface LogRead {
  gap?: { from: number; to: number };
  lines: LogLine[];
}

/** The log of one app or build: lines with rising numbers in append-only segment files. */
export class Log {
  readonly folder: string;
  #limits: LogLimits;
  readonly #sources: SourceMap = new Map();
  readonly #followers = new Set<() => void>();
  #segments: Segment[] = [];
  #closed = false;

  private constructor(folder: string, limits: LogLimits) {
    this.folder = folder;
    this.#limits = limits;
  }

  /** Opens a log, or begins one; what a crash left half written is cut off. */
  static open(folder: string, limits: Partial<LogLimits> = {}): Log {
    const log = new Log(folder, { ...DEFAULT_LIMITS, ...limits });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = readdirSync(folder);
    for (const name of names.filter(isTrimRest)) unlinkSync(join(folder, name));
    const firsts = names
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

  /** How much is kept. */
  get limits(): Readonly<LogLimits> {
    return this.#limits;
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
      if (records.length === 0) {
        if (result.lines.length > 0) break;
        // The segment has fewer lines than the next one says, after a loss of power, say: nobody waits for the others.
        const end = segment.first + segment.count - 1;
        result.gap = { from: result.gap?.from ?? next, to: end };
        next = end + 1;
        continue;
      }
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

  /** Changes how much is kept; what is beyond goes at once. */
  limit(limits: Partial<LogLimits>, now: number = Date.now()): void {
    this.#limits = { ...this.#limits, ...limits };
    this.retain(now);
  }

  /** Whether anybody hears of new lines. */
  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  /** Drops what is too old or too much, but never of the segment that is written to: one that is too long or too old ends. */
  retain(now: number = Date.now()): void {
    const current = this.#segments.at(-1);
    if (current === undefined) return;
    // First of all what makes room: a new segment needs some.
    this.#drop(now);
    const ageMs = this.#limits.maxAgeDays * DAY_MS;
    const began = ageMs === 0 ? undefined : this.read(current.first - 1, { lines: 1 }).lines[0]?.at;
    const long = current.bytes > 2 * this.#segmentBytes;
    const old = began !== undefined && Date.parse(began) < now - ageMs / PARTS;
    if (current.count === 0 || !(long || old)) return;
    this.#roll();
    this.#drop(now);
  }

  /** Drops every line; the numbers go on. */
  clear(): void {
    if ((this.#segments.at(-1)?.count ?? 0) > 0) this.#roll();
    this.#dropWhile(() => true);
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

  /** Little that is kept lies in small segments. */
  get #segmentBytes(): number {
    const { segmentBytes, maxBytes } = this.#limits;
    return Math.min(segmentBytes, Math.max(SEGMENT_MIN_BYTES, Math.floor(maxBytes / PARTS)));
  }

  #writable(): Segment {
    const current = this.#segments.at(-1);
    if (current !== undefined && current.bytes < this.#segmentBytes) return current;
    const next = this.#roll();
    this.retain();
    return next;
  }

  #roll(): Segment {
    const next = Segment.create(this.folder, this.last + 1, this.#sources);
    this.#segments.at(-1)?.close();
    this.#segments.push(next);
    return next;
  }

  #drop(now: number): void {
    const { maxBytes, maxAgeDays } = this.#limits;
    if (maxAgeDays > 0) this.#dropWhile((segment) => modified(segment.path) < now - maxAgeDays * DAY_MS);
    this.#dropBeyond(maxBytes);
  }

  /** Oldest first: a kill amid it leaves a log without a hole. */
  #dropWhile(mayGo: (oldest: Segment) => boolean): void {
    while (this.#segments.length > 1 && mayGo(this.#segments[0]!)) {
      const [oldest, next] = this.#segments as [Segment, Segment];
      // From now on that one alone knows the number of the last line.
      if (next.count === 0) next.sync();
      rmSync(oldest.path, { force: true });
      this.#segments.shift();
    }
  }

  /** Leaves room for what is still to come into the segment that is written to. */
  #dropBeyond(maxBytes: number): void {
    const room = Math.max(0, this.#segmentBytes - this.#segments.at(-1)!.bytes);
    this.#dropWhile((oldest) => {
      const kept = this.keptBytes + room;
      if (kept <= maxBytes) return false;
      const left = maxBytes - (kept - oldest.bytes);
      // One of the size that the limits want goes whole. One from before they were lowered is most of what is kept.
      if (left <= 0 || oldest.bytes <= 2 * this.#segmentBytes) return true;
      const trimmed = trimSegment(this.folder, oldest, left);
      if (trimmed === undefined) return true;
      rmSync(oldest.path, { force: true });
      this.#segments[0] = trimmed;
      return false;
    });
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
