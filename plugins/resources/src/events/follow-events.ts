import { isPassing, isTooSlow, LiveTopic, PollingNotes, REJOINED_EVENT, type Socket } from '@rig/plugin-api';
import type { EventPage, EventsGap, EventsJoin, EventsJoined, ResourceEvent } from '@rig/plugin-api/max';

/** A record of `rig events`: what happened, or the numbers of events that are gone. */
export type EventRecord = ResourceEvent | { gap: EventsGap };

/** What is followed. */
export interface FollowEventsOptions {
  socket: Socket;
  /** `user:ID`, `network:ID` or `app:ID`. */
  topic: string;
  /** Begin with the first event after this number; with those to come unless given. */
  after: number | undefined;
  /** Asks for the events of the topic by HTTP: those after a number, or how far they go. */
  read: (after: number | undefined) => Promise<EventPage>;
  /** A sentence for a person. */
  note: (text: string) => void;
  signal: AbortSignal;
  /** Milliseconds between two questions while the socket is dead. */
  pollMs?: number;
  /** Milliseconds for the answer to a join, and between two joins that failed. */
  joinMs?: number;
}

/**
 * Follows what happens by sequence number: nothing lost and nothing twice, over every reconnect and however slowly it is
 * read; what Max no longer has is an explicit gap. While the socket is dead Max is asked by HTTP. Ends when Max ends the
 * channel because what it is about was deleted, or when `signal` is aborted.
 */
export async function* followEvents(options: FollowEventsOptions): AsyncGenerator<EventRecord> {
  const { socket, topic, read, note, signal, joinMs, pollMs = 2000 } = options;
  const at = { last: options.after ?? (await read(undefined)).last };
  // What the join under way, or the last one, was asked to go on after.
  let asked = at.last;
  const params = (): EventsJoin => {
    asked = at.last;
    return { after: asked };
  };
  const stop = new AbortController();
  const ending = AbortSignal.any([stop.signal, signal]);
  const live = new LiveTopic({ socket, topic, params, signal: ending, ...(joinMs === undefined ? {} : { joinMs }) });
  const notes = new PollingNotes(note);
  const isEnd = `${topic.slice(0, topic.indexOf(':'))}.deleted`;
  try {
    for (;;) {
      const news = await live.next({ deadMs: pollMs });
      if (signal.aborted || news.kind === 'ended') return;
      if (news.kind === 'event') {
        notes.delivers();
        // A number beyond the last is of another Max, or of the time before a reset: its events begin anew.
        if (news.event === REJOINED_EVENT) {
          const { last } = news.payload as EventsJoined;
          if (last < asked) at.last = last;
        }
        yield* taken(at, recordOf(news.event, news.payload));
      } else if (news.kind === 'quiet' || !isTooSlow(news.error)) {
        // What was deleted refuses to be joined, and its end can still be read.
        const isOver = yield* poll(at, read, isEnd, (error) =>
          error === undefined ? notes.answered(live) : notes.silent(error),
        );
        if (isOver || signal.aborted) return;
        if (news.kind === 'failed' && !isPassing(news.error)) throw news.error;
      }
    }
  } finally {
    stop.abort();
  }
}

/** Everything after the place, by HTTP; gives whether the end was among it. */
async function* poll(
  at: { last: number },
  read: FollowEventsOptions['read'],
  isEnd: string,
  tell: (error?: unknown) => void,
): AsyncGenerator<EventRecord, boolean> {
  try {
    for (;;) {
      const page = await read(at.last);
      tell();
      if (page.last < at.last) at.last = page.last;
      if (page.gap !== undefined) yield* taken(at, { gap: page.gap });
      for (const event of page.events) {
        yield* taken(at, event);
        if (event.type === isEnd) return true;
      }
      at.last = Math.max(at.last, page.through);
      if (page.through >= page.last) return false;
    }
  } catch (error) {
    if (!isPassing(error)) throw error;
    tell(error);
    return false;
  }
}

/** What of a record the reader does not have yet. */
function* taken(at: { last: number }, record: EventRecord | undefined): Generator<EventRecord> {
  if (record === undefined) return;
  const isGap = 'gap' in record;
  const end = isGap ? record.gap.to : record.seq;
  if (end <= at.last) return;
  const rest = isGap ? { gap: { from: Math.max(record.gap.from, at.last + 1), to: end } } : record;
  // Before it is handed over: it is the reader's once it has it.
  at.last = end;
  yield rest;
}

function recordOf(event: string, payload: unknown): EventRecord | undefined {
  if (event === 'event') return payload as ResourceEvent;
  return event === 'gap' ? { gap: payload as EventsGap } : undefined;
}
