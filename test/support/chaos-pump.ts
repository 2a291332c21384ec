import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosRandom } from './chaos-random.ts';

/** What happens to the bytes of a connection. */
export interface ChaosRules {
  /** Least and most milliseconds that each piece waits. */
  delayMs?: readonly [number, number];
  bytesPerSecond?: number;
  /** `bytes`: each byte travels alone; `random`: pieces of 1 to 64 bytes. */
  split?: 'none' | 'bytes' | 'random';
  /** Nothing gets through, and nothing is closed: what comes is kept and goes on when this ends. */
  blackHole?: boolean;
}

/** Carries the bytes of one direction, as the rules of the moment say; reads no more than it has got rid of. */
export class ChaosPump {
  readonly #to: Socket;
  readonly #random: ChaosRandom;
  readonly #rules: () => ChaosRules;
  #stopped = false;
  #wake: () => void = () => {};
  #left = Number.POSITIVE_INFINITY;
  #onSpent: () => void = () => {};

  constructor(from: Socket, to: Socket, random: ChaosRandom, rules: () => ChaosRules) {
    this.#to = to;
    this.#random = random;
    this.#rules = rules;
    from.on('data', (chunk: Buffer) => {
      from.pause();
      void this.#carry(chunk).then(() => from.resume());
    });
    from.on('end', () => {
      if (!this.#stopped) to.end();
    });
  }

  /** Calls back once so many more bytes were carried; nothing is carried after them. */
  spendAfter(bytes: number, onSpent: () => void): void {
    this.#left = bytes;
    this.#onSpent = onSpent;
  }

  /** Has the rules looked at again. */
  wake(): void {
    this.#wake();
  }

  /** Carries nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  async #carry(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const { delayMs, bytesPerSecond, split = 'none' } = this.#rules();
      const wanted = split === 'bytes' ? 1 : split === 'random' ? this.#random.between(1, 64) : chunk.length;
      const piece = chunk.subarray(at, at + Math.min(wanted, this.#left));
      at += piece.length;
      if (delayMs !== undefined) await delay(this.#random.between(...delayMs));
      if (bytesPerSecond !== undefined) await delay((piece.length / bytesPerSecond) * 1000);
      while (this.#rules().blackHole === true && !this.#stopped)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      if (this.#stopped || this.#to.destroyed || this.#to.writableEnded) return;
      const hasRoom = this.#to.write(piece);
      this.#left -= piece.length;
      if (this.#left === 0) {
        this.#left = Number.POSITIVE_INFINITY;
        this.#onSpent();
      }
      // Pieces that are written at once would arrive as one.
      if (split !== 'none') await new Promise((resolve) => setImmediate(resolve));
      if (!hasRoom) await Promise.race([once(this.#to, 'drain'), once(this.#to, 'close')]).catch(() => {});
    }
  }
}
