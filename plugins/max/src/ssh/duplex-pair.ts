import { Duplex } from 'node:stream';

/** As much as an SSH client sends at once, some times over. */
const HIGH_WATER = 256 * 1024;

/** One end of a pair: what is written to it is read at the other. */
class End extends Duplex {
  other!: End;
  /** Told once the other end has taken what was written. */
  #taken: (() => void) | undefined;

  constructor() {
    super({ readableHighWaterMark: HIGH_WATER, writableHighWaterMark: HIGH_WATER });
  }

  override _write(piece: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#hand(piece, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#hand(null, done);
  }

  override _read(): void {
    this.other.#wake();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    done(error);
    // Nobody is left to read or to write at the other end.
    this.other.#wake();
    if (!this.other.destroyed) this.other.destroy();
  }

  #hand(piece: Buffer | null, done: () => void): void {
    if (this.other.destroyed || this.other.push(piece) || piece === null) done();
    else this.#taken = done;
  }

  #wake(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }
}

/** Two streams, each the other end of the other, at the pace of whoever reads. */
export function duplexPair(): [Duplex, Duplex] {
  const [one, other] = [new End(), new End()];
  one.other = other;
  other.other = one;
  return [one, other];
}
