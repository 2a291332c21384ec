import { setTimeout as delay } from 'node:timers/promises';
import { isPassing, LiveTopic, PollingNotes, type Socket } from '@rig/plugin-api';

/** What is watched. */
export interface WatchOptions<T> {
  socket: Socket;
  /** The topic whose events say that something has changed. */
  topic: string;
  /** Asks for the whole by HTTP. */
  read: () => Promise<T>;
  /** What of it counts as a change; all of it unless said. */
  counts?: (value: T) => unknown;
  /** A sentence for a person. */
  note: (text: string) => void;
  signal: AbortSignal;
  /** Milliseconds between two questions: while the socket delivers, and while it does not. */
  refreshMs?: number;
  pollMs?: number;
  /** Milliseconds for the answer to a join, and between two joins that failed. */
  joinMs?: number;
}

/** Events come in groups: what is shown is asked for once they have come. */
const TOGETHER_MS = 100;

/**
 * The present state, and each one after it that differs: asked for when an event says so, and from time to time, for not
 * every change is an event; while the socket is dead more often. Ends when `signal` is aborted.
 *
 * @throws what no patience can mend, for instance because the thing was deleted
 */
export async function* watchStatus<T>(options: WatchOptions<T>): AsyncGenerator<T> {
  const {
    read,
    note,
    signal,
    socket,
    topic,
    joinMs,
    counts = (value) => value,
    refreshMs = 10_000,
    pollMs = 2000,
  } = options;
  const stop = new AbortController();
  const ending = AbortSignal.any([stop.signal, signal]);
  const queue = { overflow: 'drop-oldest', mostUnread: 16 } as const;
  const join = { socket, topic, params: () => ({}), queue, signal: ending };
  const live = new LiveTopic({ ...join, ...(joinMs === undefined ? {} : { joinMs }) });
  const notes = new PollingNotes(note);
  let shown: string | undefined;
  try {
    for (;;) {
      let value: T | undefined;
      try {
        value = await read();
        notes.answered(live);
      } catch (error) {
        if (ending.aborted) return;
        if (shown === undefined || !isPassing(error)) throw error;
        notes.silent(error);
      }
      const text = value === undefined ? shown : JSON.stringify(counts(value));
      if (value !== undefined && text !== shown) {
        shown = text;
        yield value;
      }
      const { kind } = await live.next({ liveMs: refreshMs, deadMs: pollMs });
      if (kind !== 'quiet') {
        await delay(TOGETHER_MS, undefined, { signal: ending }).catch(() => {});
        while ((await live.next({ liveMs: 0, deadMs: 0 })).kind === 'event');
      }
      if (ending.aborted) return;
    }
  } finally {
    stop.abort();
  }
}
