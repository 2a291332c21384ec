import { isRigError, REJOINED_EVENT, type Socket } from '@rig/plugin-api';
import type { EventsGap, EventsJoin, EventsJoined, ResourceEvent } from '@rig/plugin-api/max';

/** A record of `rig events`: what happened, or the numbers of events that are gone. */
export type EventRecord = ResourceEvent | { gap: EventsGap };

/** What is followed. */
export interface FollowEventsOptions {
  socket: Socket;
  /** `user:ID`, `network:ID` or `app:ID`. */
  topic: string;
  /** Begin with the first event after this number; with those to come unless given. */
  after: number | undefined;
  signal: AbortSignal;
}

/**
 * Follows what happens by sequence number: nothing lost and nothing twice, over every reconnect and however slowly it is
 * read; what Max no longer has is an explicit gap. Ends when Max ends the channel, or when `signal` is aborted.
 */
export async function* followEvents(options: FollowEventsOptions): AsyncGenerator<EventRecord> {
  const { socket, topic, signal } = options;
  let last = options.after;
  const params = (): EventsJoin => (last === undefined ? {} : { after: last });
  for (;;) {
    const channel = await socket.join<EventsJoined>(topic, params, { patient: true, rejoins: true, signal });
    // A number beyond the last is of another Max, or of the time before a reset: its events begin anew.
    const begin = (joined: EventsJoined): void => {
      last = Math.min(last ?? joined.last, joined.last);
    };
    begin(channel.joined);
    const leave = (): void => void channel.leave().catch(() => {});
    signal.addEventListener('abort', leave, { once: true });
    try {
      if (signal.aborted) return;
      for await (const { event, payload } of channel.events<ResourceEvent | EventsGap | EventsJoined>()) {
        if (event === REJOINED_EVENT) begin(payload as EventsJoined);
        const record = recordOf(event, payload, last ?? 0);
        if (record === undefined) continue;
        // Before it is handed over: it is the reader's once it has it.
        last = 'gap' in record ? record.gap.to : record.seq;
        yield record;
      }
      return;
    } catch (error) {
      // What was kept has been read: the rest comes again, from where the reader is now.
      if (!isRigError(error) || error.code !== 'RIG_SLOW_CONSUMER') throw error;
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }
}

function recordOf(event: string, payload: unknown, last: number): EventRecord | undefined {
  if (event === 'event' && (payload as ResourceEvent).seq > last) return payload as ResourceEvent;
  if (event !== 'gap' || (payload as EventsGap).to <= last) return undefined;
  const { from, to } = payload as EventsGap;
  return { gap: { from: Math.max(from, last + 1), to } };
}
