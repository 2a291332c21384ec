import type { SessionKind } from '@rig/plugin-api/max';
import type { SessionTuning } from './tuning.ts';

/** What ends a session by the clock. */
type Over = 'idle' | 'limit' | 'timeout';

/** A timer cannot be longer. */
const LONGEST_MS = 2 ** 31 - 1;

/** Ends a session that nobody uses, or that has lasted too long; a terminal is warned before. */
export class SessionLimits {
  /** Seconds without a byte; `null` for a command, which may compute for long. */
  readonly idleSeconds: number | null;
  readonly limitSeconds: number | null;
  readonly #tuning: SessionTuning;
  readonly #on: { over(reason: Over): void; warn(text: string): void };
  readonly #warns: boolean;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #idleMs: number;
  #touched = Date.now();
  #warned = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(
    { kind, timeoutSeconds }: { kind: SessionKind; timeoutSeconds?: number | undefined },
    tuning: SessionTuning,
    on: { over(reason: Over): void; warn(text: string): void },
  ) {
    this.#tuning = tuning;
    this.#on = on;
    this.#warns = kind === 'shell';
    this.#idleMs = kind === 'command' ? 0 : tuning.idleMs;
    this.idleSeconds = this.#idleMs === 0 ? null : Math.round(this.#idleMs / 1000);
    this.limitSeconds = tuning.limitMs === 0 ? null : Math.round(tuning.limitMs / 1000);
    if (this.#idleMs > 0) this.#watchIdle(this.#idleMs);
    if (tuning.limitMs > 0) {
      this.#at(tuning.limitMs, () => on.over('limit'));
      if (this.#warns && tuning.limitMs > tuning.warnMs)
        this.#at(tuning.limitMs - tuning.warnMs, () => this.#warn('it has lasted as long as Max allows'));
    }
    if (timeoutSeconds !== undefined) this.#at(timeoutSeconds * 1000, () => on.over('timeout'));
  }

  /** Something was sent or came. */
  touch(): void {
    this.#touched = Date.now();
    this.#warned = false;
  }

  /** The session has ended. */
  stop(): void {
    clearTimeout(this.#idle);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #at(ms: number, then: () => void): void {
    const timer = setTimeout(then, Math.min(ms, LONGEST_MS));
    timer.unref();
    this.#timers.push(timer);
  }

  /** Looks when it may be time, as each key would have to set a timer anew. */
  #watchIdle(ms: number): void {
    this.#idle = setTimeout(() => {
      const left = this.#touched + this.#idleMs - Date.now();
      if (left <= 0) return this.#on.over('idle');
      if (left <= this.#tuning.warnMs && this.#warns && !this.#warned) {
        this.#warned = true;
        this.#warn('nothing was typed or shown for long');
      }
      this.#watchIdle(left);
    }, this.#nextLook(ms));
    this.#idle.unref();
  }

  #nextLook(left: number): number {
    const { warnMs } = this.#tuning;
    return Math.min(this.#warns && left > warnMs ? left - warnMs : left, LONGEST_MS);
  }

  #warn(why: string): void {
    const seconds = Math.round(Math.min(this.#tuning.warnMs, this.#idleMs || this.#tuning.warnMs) / 1000);
    this.#on.warn(`\r\n[max] this shell ends in ${seconds} s: ${why}\r\n`);
  }
}
