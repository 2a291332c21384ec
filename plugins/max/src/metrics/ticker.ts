/** Calls a task at each full interval of the clock; one that takes longer leaves ticks out, and never runs twice at once. */
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

  #tick(at: number): void {
    this.#running = this.#task(at)
      .catch(this.#failed)
      .finally(() => this.start());
  }
}
