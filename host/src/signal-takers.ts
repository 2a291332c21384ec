/** What a command may take in place of its interruption. */
export type TakenSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Who sends so many, one soon after the other, means the command itself, whatever it does with them. */
const MOST_TAKEN = 3;
const SOON_MS = 2000;

/** The commands' parts that take signals for themselves. */
export class SignalTakers {
  readonly #listeners: Array<(signal: TakenSignal) => void> = [];
  #taken = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** Gives signals to a listener, the latest alone, until the function that it gives is called. */
  onSignal(listener: (signal: TakenSignal) => void): () => void {
    const own = (signal: TakenSignal): void => listener(signal);
    this.#listeners.push(own);
    return () => {
      const at = this.#listeners.indexOf(own);
      if (at !== -1) this.#listeners.splice(at, 1);
    };
  }

  /** Hands a signal on; `false` where nobody takes it, or nobody may any more. */
  take(signal: TakenSignal): boolean {
    const now = performance.now();
    if (now - this.#last > SOON_MS) this.#taken = 0;
    this.#last = now;
    const listener = this.#listeners.at(-1);
    if (listener === undefined || this.#taken >= MOST_TAKEN) return false;
    this.#taken += 1;
    listener(signal);
    return true;
  }
}
