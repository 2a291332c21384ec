import type { SocketState } from '@rig/plugin-api';
import { EventQueue } from './event-queue.ts';

/** Changes of state that may wait to be read. */
const most = 64;

/** What the changes of state are told to. */
export interface StateListeners {
  /** Told first of each change. */
  onChange(state: SocketState): void;
  /** An exception in a listener. */
  onFault(error: unknown): void;
}

/** The state of a socket, and everybody who hears of its changes. */
export class SocketStates {
  readonly #told: StateListeners;
  readonly #listeners = new Set<(state: SocketState) => void>();
  readonly #queues = new Set<EventQueue>();
  #now: SocketState = { state: 'closed' };
  #ended = false;

  constructor(told: StateListeners) {
    this.#told = told;
  }

  get now(): SocketState {
    return this.#now;
  }

  /** Calls back on each change; gives a function that stops it. */
  listen(listener: (state: SocketState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** A stream that begins with the present state. */
  stream(): AsyncIterableIterator<SocketState> {
    const queue = new EventQueue({ overflow: 'drop-oldest', mostUnread: most });
    queue.push({ event: 'state', payload: this.#now }, 0);
    if (this.#ended) queue.end();
    else this.#queues.add(queue);
    return {
      next: async () => {
        for (;;) {
          const { done, value } = await queue.next();
          if (done === true) return { done, value: undefined };
          if (value.event === 'state') return { done: false, value: value.payload as SocketState };
        }
      },
      // Also for a reader that waits at present: it would else wait for a change that nobody reads.
      return: async () => {
        this.#queues.delete(queue);
        queue.end();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Notes a state, and tells everybody if it is another one. */
  announce(state: SocketState): void {
    if (state.state === this.#now.state && state.reason === this.#now.reason) return;
    this.#now = state;
    for (const queue of this.#queues) queue.push({ event: 'state', payload: state }, 0);
    this.#told.onChange(state);
    for (const listener of [...this.#listeners]) {
      try {
        listener(state);
      } catch (error) {
        // A listener's mistake must not end up in the socket's own timers; it surfaces where the command waits.
        queueMicrotask(() => this.#told.onFault(error));
      }
    }
  }

  /** Tells nobody any more, and ends the streams after what they have. */
  end(): void {
    this.#ended = true;
    this.#listeners.clear();
    for (const queue of this.#queues) queue.end();
    this.#queues.clear();
  }
}
