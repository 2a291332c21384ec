import { Readable } from 'node:stream';
import type { Silence } from './silence.ts';

const SLICE = 64 * 1024;

/** A request body on its way: read as the network takes it, never held. */
export interface Upload {
  readonly stream: Readable;
  /** Whether all of it was handed to the network. */
  readonly finished: boolean;
  /** What the source failed with: that is the caller's failure, not the network's. */
  readonly failure: { error: unknown } | undefined;
  /** Stops reading the source. */
  destroy(): void;
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE);
}

/** Wraps a body so that the clock of `silence` runs only while the network has the next move. */
export function upload(source: Readable | Uint8Array, silence: Silence): Upload {
  const state: { finished: boolean; failure: { error: unknown } | undefined } = { finished: false, failure: undefined };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    silence.rest();
    const iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array> =
      source instanceof Uint8Array ? slices(source) : source[Symbol.asyncIterator]();
    try {
      for (;;) {
        let step: IteratorResult<Uint8Array>;
        try {
          step = await iterator.next();
        } catch (error) {
          state.failure = { error };
          throw error;
        }
        silence.arm();
        if (step.done) break;
        yield step.value;
        silence.rest();
      }
      state.finished = true;
    } finally {
      await iterator.return?.();
    }
  }
  const stream = Readable.from(pieces(), { objectMode: false, highWaterMark: SLICE });
  return {
    stream,
    get finished() {
      return state.finished;
    },
    get failure() {
      return state.failure;
    },
    destroy() {
      stream.destroy();
      if (!(source instanceof Uint8Array)) source.destroy();
    },
  };
}
