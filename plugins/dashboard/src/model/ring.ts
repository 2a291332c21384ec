/** Figures of the last seconds, one each: a second without one is `NaN`. Its memory is fixed, its values are floats of 32 bits. */
export class Ring {
  readonly #values: Float32Array;
  /** Number of the second that the newest value is of. */
  #last: number | undefined;

  /** @param seconds how many are kept */
  constructor(seconds: number) {
    this.#values = new Float32Array(seconds).fill(Number.NaN);
  }

  /** Takes the figure of a second; seconds that were left out since the newest have none. One that is too old is dropped. */
  set(second: number, value: number): void {
    const { length } = this.#values;
    if (this.#last === undefined || second - this.#last >= length) {
      this.#values.fill(Number.NaN);
      this.#last = second;
    } else if (second > this.#last) {
      for (let at = this.#last + 1; at <= second; at++) this.#values[at % length] = Number.NaN;
      this.#last = second;
    } else if (this.#last - second >= length) return;
    this.#values[second % length] = value;
  }

  /** The figures of the `count` seconds that end with `until`, oldest first. */
  read(until: number, count: number): number[] {
    const { length } = this.#values;
    const last = this.#last;
    return Array.from({ length: count }, (_, i) => {
      const second = until - count + 1 + i;
      if (last === undefined || second > last || last - second >= length) return Number.NaN;
      return this.#values[second % length] as number;
    });
  }
}
