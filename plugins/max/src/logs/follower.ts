import type { LogBatch, LogLine } from '@rig/plugin-api/max';
import { LineFilter } from './line-filter.ts';
import type { Log } from './log.ts';
import { oncePast } from './once-past.ts';

/** Lines that are sent before the first of them must be acknowledged. */
export const FOLLOW_WINDOW = 1_000;
const BATCH_LINES = 200;
const BATCH_BYTES = 256 * 1024;
/** A follower whose filter lets nothing through hears how far it was looked at each so many lines. */
const TOLD_EACH = 1_000;

/** What a follower reads, and where it goes. */
export interface FollowerOptions {
  log: Log;
  after: number;
  window?: number;
  filter?: LineFilter;
  /** Ends before the first line that is younger, in milliseconds since the epoch. */
  until?: number | undefined;
  send: (batch: LogBatch) => void;
  /** Resolves when the connection takes more bytes; rejects when it is gone. */
  ready?: () => Promise<void>;
  /** Whether nothing is appended any more. */
  ended?: () => boolean;
  /** Called once when the log has ended, or `until` has passed, and every line was sent. */
  onEnd?: (last: number) => void;
  /** Called once when it cannot go on. */
  onFail?: (error: Error) => void;
}

/**
 * Sends a log's lines from the disk, in batches, and never more than a window beyond what was acknowledged: a slow reader
 * costs its window and nothing else.
 */
export class LogFollower {
  readonly #options: FollowerOptions;
  readonly #filter: LineFilter;
  readonly #window: number;
  readonly #unfollow: () => void;
  readonly #unwatch: (() => void) | undefined;
  /** Everything up to here was looked at, and up to `#told` the reader knows so. */
  #looked: number;
  #told: number;
  /** The numbers of the lines that were sent and not acknowledged. */
  #unacknowledged: number[] = [];
  #scheduled = false;
  #again = false;
  #stopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#filter = options.filter ?? new LineFilter({});
    this.#window = options.window ?? FOLLOW_WINDOW;
    this.#looked = options.after;
    this.#told = options.after;
    this.#unfollow = options.log.follow(() => this.wake());
    if (options.until !== undefined) this.#unwatch = oncePast(options.until, () => this.wake());
    this.wake();
  }

  /** Takes an acknowledgement of everything up to `seq`. */
  acknowledge(seq: number): void {
    if (seq > this.#looked) return;
    const next = this.#unacknowledged.findIndex((sent) => sent > seq);
    if (next === 0) return;
    this.#unacknowledged = next === -1 ? [] : this.#unacknowledged.slice(next);
    this.wake();
  }

  /** Looks for lines, or for the end, soon. */
  wake(): void {
    this.#again = true;
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      void this.#step();
    });
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#unwatch?.();
    this.#unfollow();
  }

  /** One batch at a time, so that many followers share the process fairly. */
  async #step(): Promise<void> {
    try {
      await this.#options.ready?.();
    } catch {
      this.stop();
    }
    this.#again = false;
    try {
      if (!this.#stopped && (await this.#sendBatch())) this.#again = true;
    } catch (error) {
      if (!this.#stopped) this.#options.onFail?.(error as Error);
      this.stop();
    }
    this.#scheduled = false;
    if (this.#again) this.wake();
  }

  /** Whether there may be more to send at once. */
  async #sendBatch(): Promise<boolean> {
    const { log, send, until } = this.#options;
    if (this.#looked >= log.last) {
      if (this.#options.ended?.() === true || (until !== undefined && Date.now() > until)) this.#end();
      return false;
    }
    const room = Math.min(this.#window - this.#unacknowledged.length, BATCH_LINES);
    if (room <= 0) return false;
    // What a filter leaves out costs no room.
    const lines = this.#filter.active ? TOLD_EACH : room;
    const read = log.read(this.#looked, { lines, bytes: BATCH_BYTES });
    const { gap } = read;
    if (gap !== undefined) {
      this.#looked = gap.to;
      this.#told = gap.to;
      send({ gap });
    }
    const young = until === undefined ? -1 : read.lines.findIndex((line) => Date.parse(line.at) > until);
    const old = young === -1 ? read.lines : read.lines.slice(0, young);
    await this.#give(old, room);
    if (this.#stopped) return false;
    if (young !== -1 && this.#looked >= read.lines[young]!.seq - 1) {
      this.#end();
      return false;
    }
    return gap !== undefined || read.lines.length > 0;
  }

  async #give(lines: LogLine[], room: number): Promise<void> {
    if (lines.length === 0) return;
    const { send } = this.#options;
    const matching = this.#filter.active ? await this.#filter.select(lines) : lines;
    // Stopped while the filter was at work: nobody listens any more.
    if (this.#stopped) return;
    const sent = matching.slice(0, room);
    this.#looked = (sent.length < matching.length ? sent.at(-1) : lines.at(-1))!.seq;
    if (sent.length === 0 && this.#looked - this.#told < TOLD_EACH) return;
    this.#told = this.#looked;
    for (const line of sent) this.#unacknowledged.push(line.seq);
    send(this.#filter.active ? { lines: sent, through: this.#looked } : { lines: sent });
  }

  #end(): void {
    this.stop();
    this.#options.onEnd?.(this.#looked);
  }
}
