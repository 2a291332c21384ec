/**
 * Measures how long the other side keeps silent: `arm` restarts the clock, `rest` stops it while the wait is ours.
 *
 * A plain timeout would fail every upload that takes longer than an answer may.
 */
export class Silence {
  #timer: NodeJS.Timeout | undefined;
  broken = false;

  constructor(
    private readonly ms: number,
    private readonly onBroken: () => void,
  ) {}

  arm(): void {
    this.rest();
    if (this.ms <= 0) return;
    this.#timer = setTimeout(() => {
      this.broken = true;
      this.onBroken();
    }, this.ms);
  }

  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
