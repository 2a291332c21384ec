/** What a command may take in place of its interruption. */
export type TakenSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Who sends so many means the command itself, whatever it does with them. */
const MOST_TAKEN = 3;

/** The commands' parts that take signals for themselves. */
export class SignalTakers {
  readonly #takers: Array<{ listener: (signal: TakenSignal) => void; always: boolean }> = [];
  #taken = 0;

  /** Gives signals to a listener, the latest alone, until the function that it gives is called. */
  onSignal(listener: (signal: TakenSignal) => void, { always = false }: { always?: boolean } = {}): () => void {
    const own = { listener, always };
    this.#takers.push(own);
    return () => {
      const at = this.#takers.indexOf(own);
      if (at !== -1) this.#takers.splice(at, 1);
    };
  }

  /** Hands a signal on; `false` where nobody takes it, or nobody may any more. */
  take(signal: TakenSignal): boolean {
    const taker = this.#takers.at(-1);
    if (taker === undefined || (this.#taken >= MOST_TAKEN && !taker.always)) return false;
    this.#taken += 1;
    taker.listener(signal);
    return true;
  }
}
