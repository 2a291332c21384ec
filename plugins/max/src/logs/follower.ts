import type { LogBatch } from '@rig/plugin-api/max';
import type { Log } from './log.ts';

/** Lines that are sent before the first of them must be acknowledged. */
export const FOLLOW_WINDOW = 1_000;
const BATCH_LINES = 200;
const BATCH_BYTES = 256 * 1024;

/** What a follower reads, and where it goes. */
export interface FollowerOptions {
  log: Log;
  after: number;
  window?: number;
  send: (batch: LogBatch) => void;
  /** Resolves when the connection takes more bytes; rejects when it is gone. */
  ready?: () => Promise<void>;
  /** Whether nothing is appended any more. */
  ended?: () => boolean;
  /** Called once when the log has ended and every line was sent. */
  onEnd?: (last: number) => void;
}

/**
 * Sends a log's lines from the disk, in batches, and never more than a window beyond what was acknowledged: a slow reader
 * costs its window and nothing else.
 */
export class LogFollower {
  readonly #options: FollowerOptions;
  readonly #window: number;
  readonly #unfollow: () => void;
  #sent: number;
  #acknowledged: number;
  #scheduled = false;
  #stopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#window = options.window ?? FOLLOW_WINDOW;
    this.#sent = options.after;
    this.#acknowledged = options.after;
    this.#unfollow = options.log.follow(() => this.wake());
    this.wake();
  }

  /** Takes an acknowledgement of everything up to `seq`. */
  acknowledge(seq: number): void {
    if (seq <= this.#acknowledged || seq > this.#sent) return;
    this.#acknowledged = seq;
    this.wake();
  }

  /** Looks for lines, or for the end, soon. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      void this.#step();
    });
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#unfollow();
  }

  /** One batch at a time, so that many followers share the process fairly. */
  async #step(): Promise<void> {
    try {
      await this.#options.ready?.();
    } catch {
      this.stop();
    }
    this.#scheduled = false;
    if (!this.#stopped && this.#sendBatch()) this.wake();
  }

  /** Whether there may be more to send at once. */
  #sendBatch(): boolean {
    const { log, send } = this.#options;
    if (this.#sent >= log.last) {
      this.#end();
      return false;
    }
    const room = this.#window - (this.#sent - this.#acknowledged);
    if (room <= 0) return false;
    const { gap, lines } = log.read(this.#sent, { lines: Math.min(room, BATCH_LINES), bytes: BATCH_BYTES });
    if (gap !== undefined) {
      this.#sent = gap.to;
      this.#acknowledged = Math.max(this.#acknowledged, gap.to);
      send({ gap });
    }
    if (lines.length > 0) {
      this.#sent = lines.at(-1)!.seq;
      send({ lines });
    }
    return gap !== undefined || lines.length > 0;
  }

  #end(): void {
    if (this.#options.ended?.() !== true) return;
    this.stop();
    this.#options.onEnd?.(this.#sent);
  }
}
