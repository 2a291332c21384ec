import type { Http } from '@rig/plugin-api';
import type { EventPage, ResourceEvent } from '@rig/plugin-api/max';
import type { EventRecord } from './follow-events.ts';

/** As many as Max gives at once. */
export const MOST_AT_ONCE = 500;

/** Events that are shown unless `--limit` says otherwise. */
const DEFAULT_LIMIT = 100;

/** Which events are asked for. */
export interface EventQuery {
  app?: string;
  network?: string;
  type?: string;
}

const ask = (http: Http, query: EventQuery, more: object): Promise<EventPage> =>
  http.get<EventPage>('/v1/events', { query: { ...query, ...more } });

/** What has happened until now, oldest first: the most recent events, or those after a number; ends by itself. */
export async function* recentEvents(
  http: Http,
  query: EventQuery,
  { after, limit }: { after: number | undefined; limit: number | undefined },
): AsyncGenerator<EventRecord> {
  if (after === undefined) yield* await mostRecent(http, query, limit ?? DEFAULT_LIMIT);
  else yield* following(http, query, after, limit ?? Number.POSITIVE_INFINITY);
}

async function mostRecent(http: Http, query: EventQuery, most: number): Promise<ResourceEvent[]> {
  const pages: ResourceEvent[][] = [];
  let left = most;
  let before: number | undefined;
  for (;;) {
    const limit = Math.min(left, MOST_AT_ONCE);
    const { events } = await ask(http, query, { limit, before });
    pages.unshift(events);
    left -= events.length;
    before = events[0]?.seq;
    if (left === 0 || events.length < limit) return pages.flat();
  }
}

async function* following(http: Http, query: EventQuery, after: number, most: number): AsyncGenerator<EventRecord> {
  let left = most;
  let from = after;
  // What happens meanwhile is not waited for.
  let end: number | undefined;
  for (;;) {
    const page = await ask(http, query, { after: from, limit: Math.min(left, MOST_AT_ONCE) });
    end ??= page.last;
    if (page.gap !== undefined) yield { gap: page.gap };
    for (const event of page.events) if (event.seq <= end) yield event;
    left -= page.events.length;
    from = page.through;
    if (from >= end || left <= 0) return;
  }
}
