import type { SocketState } from '@rig/plugin-api';
import { EventQueue } from './event-queue.ts';

/** Changes of state that may wait to be read. */
const most = 64;

/** The states of a socket as streams: each begins with the present one. */
export class StateStreams {
  readonly #queues = new Set<EventQueue>();

  /** A stream that begins with the state at its first reading. */
  async *from(now: () => SocketState): AsyncGenerator<SocketState, void, undefined> {
    const queue = new EventQueue({ overflow: 'drop-oldest', mostUnread: most });
    this.#queues.add(queue);
    try {
      yield now();
      for await (const { event, payload } of queue) if (event === 'state') yield payload as SocketState;
    } finally {
      this.#queues.delete(queue);
    }
  }

  /** Tells every stream. */
  push(state: SocketState): void {
    for (const queue of this.#queues) queue.push({ event: 'state', payload: state }, 0);
  }

  /** Ends every stream. */
  end(): void {
    for (const queue of this.#queues) queue.end();
  }
}
