const aMinute = 60_000;

/** Counts for how long there has been no connection. */
export class Patience {
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param ms a minute unless said: so long Max keeps a session that nobody is joined to */
  constructor(ms = aMinute) {
    this.#ms = ms;
  }

  /** Whether it is gone now. */
  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** The connection is gone: calls back where it stays so. Gives the seconds until then, or `undefined` where it was gone already. */
  begin(onOver: () => void): number | undefined {
    if (this.#timer !== undefined) return undefined;
    this.#timer = setTimeout(onOver, this.#ms);
    return Math.round(this.#ms / 1000);
  }

  /** The connection is back, or nobody waits for it any more; says whether it was gone. */
  end(): boolean {
    if (this.#timer === undefined) return false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return true;
  }
}
