import type { ChannelEvent, EventGap, JoinOptions } from '@rig/plugin-api';
import { GAP_EVENT } from '@rig/plugin-api';

interface Waiter {
  readonly resolve: (result: IteratorResult<ChannelEvent>) => void;
  readonly reject: (error: unknown) => void;
}

interface Entry {
  readonly event: ChannelEvent;
  readonly bytes: number;
}

/** What may wait to be read, and what holds beyond it. */
export type QueueLimits = Pick<JoinOptions, 'overflow' | 'mostUnread' | 'mostUnreadBytes'>;

const most = { events: 10_000, bytes: 16 * 1024 * 1024 };

/** Events between the socket and whoever reads them: kept in order until they are taken, and never more than may wait. */
export class EventQueue implements AsyncIterableIterator<ChannelEvent> {
  readonly #dropOldest: boolean;
  readonly #mostEvents: number;
  readonly #mostBytes: number;
  #entries: Array<Entry | undefined> = [];
  #taken = 0;
  #bytes = 0;
  #dropped = 0;
  #waiters: Waiter[] = [];
  #ended = false;
  #failure: { error: unknown } | undefined;

  constructor({ overflow, mostUnread, mostUnreadBytes }: QueueLimits = {}) {
    const isBound = overflow !== 'window';
    this.#dropOldest = overflow === 'drop-oldest';
    this.#mostEvents = isBound ? (mostUnread ?? most.events) : Number.POSITIVE_INFINITY;
    this.#mostBytes = isBound ? (mostUnreadBytes ?? most.bytes) : Number.POSITIVE_INFINITY;
  }

  /** How many wait to be read. */
  get length(): number {
    return this.#entries.length - this.#taken;
  }

  /** Puts one in. `false`: it has no room, and neither was the oldest to be dropped for it. */
  push(event: ChannelEvent, bytes: number): boolean {
    if (this.#ended) return true;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: event });
      return true;
    }
    while (this.length > 0 && (this.length >= this.#mostEvents || this.#bytes + bytes > this.#mostBytes)) {
      if (!this.#dropOldest) return false;
      this.#shift();
      this.#dropped += 1;
    }
    this.#entries.push({ event, bytes });
    this.#bytes += bytes;
    return true;
  }

  /** Forgets what nobody has read, also what was dropped: it will come again. */
  clear(): void {
    this.#entries = [];
    this.#taken = 0;
    this.#bytes = 0;
    this.#dropped = 0;
  }

  /** Ends the reading after what is there. */
  end(): void {
    this.#ended = true;
    for (const { resolve } of this.#waiters.splice(0)) resolve({ done: true, value: undefined });
  }

  /** Fails the reading after what is there; only one reader is told. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const [first, ...others] = this.#waiters.splice(0);
    if (first === undefined) this.#failure = { error };
    else first.reject(error);
    for (const { resolve } of others) resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<ChannelEvent>> {
    if (this.#dropped > 0) {
      const payload: EventGap = { dropped: this.#dropped };
      this.#dropped = 0;
      return Promise.resolve({ done: false, value: { event: GAP_EVENT, payload } });
    }
    if (this.length > 0) return Promise.resolve({ done: false, value: this.#shift().event });
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** A reader that leaves its loop stops reading, the queue goes on. */
  return(): Promise<IteratorResult<ChannelEvent>> {
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ChannelEvent> {
    return this;
  }

  #shift(): Entry {
    const entry = this.#entries[this.#taken] as Entry;
    // A large payload must not be held by its empty place.
    this.#entries[this.#taken] = undefined;
    this.#taken += 1;
    this.#bytes -= entry.bytes;
    // Shifting one by one would move the whole rest each time.
    if (this.#taken === this.#entries.length || this.#taken > 1024) {
      this.#entries = this.#entries.slice(this.#taken);
      this.#taken = 0;
    }
    return entry;
  }
}
