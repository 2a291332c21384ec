import type { WebSocket } from 'ws';

interface Waiter {
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Lets a writer wait until a slow client has taken what was sent. */
export class WriteGauge {
  readonly #socket: WebSocket;
  readonly #waiters = new Set<Waiter>();
  #closed = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** To be called back for each frame that was handed to the system. */
  readonly written = (): void => {
    if (this.#waiters.size === 0) return;
    const { bufferedAmount } = this.#socket;
    for (const waiter of this.#waiters) {
      if (bufferedAmount > waiter.bytes) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  };

  /** Resolves once at most `bytes` wait; rejects when the connection or `signal` ends first. */
  drained(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(closedError());
    if (this.#socket.bufferedAmount <= bytes) return Promise.resolve();
    return new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.delete(waiter);
        reject(signal?.reason);
      };
      const settle =
        <A extends unknown[]>(then: (...args: A) => void) =>
        (...args: A) => {
          signal?.removeEventListener('abort', onAbort);
          then(...args);
        };
      const waiter: Waiter = { bytes, resolve: settle(resolve), reject: settle(reject) };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** The connection is gone: nobody waits any longer. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.reject(closedError());
    this.#waiters.clear();
  }
}

function closedError(): Error {
  return Object.assign(new Error('the connection is closed'), { name: 'AbortError' });
}
