import type { ServerChannel } from 'ssh2';
import type { Source } from '../sessions/source.ts';

/** Which of a channel's two streams. */
export type OutputStream = 'stdout' | 'stderr';

/** What of a channel the library keeps while the client grants it no window. */
interface Stalled {
  _chunk: unknown;
  _chunkcb: unknown;
  _chunkErr: unknown;
  _chunkcbErr: unknown;
}

/** A transport that says when it can take more. */
export interface Transport {
  readonly writableNeedDrain: boolean;
  readonly destroyed: boolean;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

/**
 * Writes to a channel one piece after the other, whichever stream it belongs to, and no faster than client and transport
 * take it.
 *
 * The library goes on with one stalled stream alone, and takes an old piece for a new one where both have stalled: here
 * there is never more than one piece, and nothing is left of the one before.
 */
export class ChannelOutput {
  readonly #channel: ServerChannel;
  readonly #transport: Transport;
  readonly #onWritten: (bytes: number) => void;
  #last: Promise<void> = Promise.resolve();
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(channel: ServerChannel, transport: Transport, onWritten: (bytes: number) => void) {
    this.#channel = channel;
    this.#transport = transport;
    this.#onWritten = onWritten;
  }

  /** Resolves when it was sent, or never can be. */
  write(stream: OutputStream, bytes: Uint8Array): Promise<void> {
    const mine = this.#last.then(() => this.#send(stream, bytes));
    this.#last = mine;
    return mine;
  }

  /** Sends all that a source gives; resolves at its end. */
  copy(stream: OutputStream, source: Source): Promise<void> {
    return new Promise((resolve) => {
      source.start(
        (bytes) => {
          source.pause();
          void this.write(stream, bytes).then(() => source.resume());
        },
        () => void this.#last.then(resolve),
      );
    });
  }

  /** The client takes no more: whoever waits goes on, and what is written is dropped. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async #send(stream: OutputStream, bytes: Uint8Array): Promise<void> {
    if (this.#transport.writableNeedDrain) await this.#transportDrained();
    if (this.#closed || bytes.length === 0) return;
    Object.assign(this.#channel, {
      _chunk: undefined,
      _chunkcb: undefined,
      _chunkErr: undefined,
      _chunkcbErr: undefined,
    } satisfies Stalled);
    const target = stream === 'stdout' ? this.#channel : this.#channel.stderr;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      target.write(bytes, () => resolve());
    });
    if (!this.#closed) this.#onWritten(bytes.length);
  }

  async #transportDrained(): Promise<void> {
    const transport = this.#transport;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        transport.off('drain', done);
        transport.off('close', done);
        resolve();
      };
      transport.once('drain', done);
      transport.once('close', done);
      this.#wake = done;
      if (transport.destroyed) done();
    });
  }
}
