/** What can be stopped from reading. */
export interface Reading {
  readonly isPaused: boolean;
  pause(): void;
  resume(): void;
}

/** Stops reading from a client that sends more than is taken: nothing is lost, the rest waits in the network. */
export class ReadBrake {
  readonly #reading: Reading;
  readonly #perSecond: number;
  readonly #now: () => number;
  #allowed: number;
  #at: number;
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;

  /** @param perSecond frames that may come in a second, and at once; no limit with Infinity */
  constructor(reading: Reading, perSecond: number, now: () => number = () => performance.now()) {
    this.#reading = reading;
    this.#perSecond = perSecond;
    this.#now = now;
    this.#allowed = perSecond;
    this.#at = now();
  }

  /** Whether the client is not read from at present. */
  get isHeld(): boolean {
    return this.#isBusy || this.#timer !== undefined;
  }

  /** Counts frames, and stops reading for as long as they are ahead of their time. */
  count(frames: number): void {
    if (this.#perSecond === Infinity) return;
    const now = this.#now();
    this.#allowed = Math.min(this.#perSecond, this.#allowed + ((now - this.#at) / 1000) * this.#perSecond) - frames;
    this.#at = now;
    if (this.#allowed >= 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#release(), (-this.#allowed / this.#perSecond) * 1000);
    this.#timer.unref();
    this.#reading.pause();
  }

  /** Stops reading until {@link free}. */
  hold(): void {
    this.#isBusy = true;
    this.#reading.pause();
  }

  /** Reads on after {@link hold}, unless frames are ahead of their time. */
  free(): void {
    this.#isBusy = false;
    this.#resume();
  }

  /** The connection is gone. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #release(): void {
    this.#timer = undefined;
    this.#resume();
  }

  #resume(): void {
    if (!this.isHeld && this.#reading.isPaused) this.#reading.resume();
  }
}
