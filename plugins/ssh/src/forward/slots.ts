/** Lets so many in at once; the others wait in a line. */
export class Slots {
  readonly #waiting: Array<() => void> = [];
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  /** Resolves when there is one; gives what lets the next one in. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
  }
}
