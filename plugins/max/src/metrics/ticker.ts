/**
 * Calls a task at each full interval of the clock, with the end of the last one that is over; one that takes longer leaves ticks
 * out, and never runs twice at once.
 */
export class Ticker {
  readonly #intervalMs: number;
  readonly #task: (at: number) => Promise<void>;
  readonly #failed: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  /** The tick that comes, or came last. */
  #at = 0;

  constructor(intervalMs: number, task: (at: number) => Promise<void>, failed: (error: Error) => void) {
    this.#intervalMs = intervalMs;
    this.#task = task;
    this.#failed = failed;
  }

  /** Begins; it keeps no process alive. */
  start(): void {
    if (this.#stopped) return;
    const now = Date.now();
    const next = (Math.floor(now / this.#intervalMs) + 1) * this.#intervalMs;
    // A timer may come a little early by the clock: the same tick must not come twice.
    this.#at = next === this.#at ? next + this.#intervalMs : next;
    this.#timer = setTimeout(() => this.#tick(this.#at), this.#at - now).unref();
  }

  /** Ends, after the task under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #tick(due: number): void {
    this.#at = this.#endBy(due);
    this.#running = this.#task(this.#at)
      .catch(this.#failed)
      .finally(() => this.start());
  }

  /** What has ended by now: a busy machine, or a clock that was set meanwhile, make that another than what was due. */
  #endBy(due: number): number {
    const now = Date.now();
    if (now >= due) return Math.floor(now / this.#intervalMs) * this.#intervalMs;
    // A little early is in time.
    return due - now < this.#intervalMs / 2 ? due : Math.ceil(now / this.#intervalMs) * this.#intervalMs;
  }
}
