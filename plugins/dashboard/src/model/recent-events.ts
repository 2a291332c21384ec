import { type Http, isPassing, LiveTopic, REJOINED_EVENT, type Socket } from '@rig/plugin-api';
import type { EventPage, EventsJoined, ResourceEvent } from '@rig/plugin-api/max';

/** Which events are followed. */
export interface RecentEventsOptions {
  http: Http;
  socket: Socket;
  /** `user:ID`, `network:ID` or `app:ID`. */
  topic: string;
  /** The same selection as a query of `GET /v1/events`. */
  query: Record<string, string>;
  /** How many are kept. */
  most: number;
  /** Told when there are others. */
  onChange: () => void;
  signal: AbortSignal;
}

const ASK_MS = 3000;

/** What happened last, kept up to date over every loss of the connection. */
export class RecentEvents {
  readonly #options: RecentEventsOptions;
  #events: readonly ResourceEvent[] = [];
  #last = 0;

  constructor(options: RecentEventsOptions) {
    this.#options = options;
  }

  /** Newest first. */
  get events(): readonly ResourceEvent[] {
    return this.#events;
  }

  /** Follows them until the signal is aborted. @throws what no patience can mend */
  async follow(): Promise<void> {
    const { socket, topic, signal } = this.#options;
    await this.#read().catch(passOver);
    const queue = { overflow: 'drop-oldest', mostUnread: 1000 } as const;
    const live = new LiveTopic({ socket, topic, params: () => ({ after: this.#last }), queue, signal });
    for (;;) {
      const news = await live.next({ deadMs: ASK_MS });
      if (signal.aborted) return;
      if (news.kind === 'failed') passOver(news.error);
      if (news.kind === 'ended') continue;
      if (news.kind !== 'event') await this.#read().catch(passOver);
      else if (news.event === 'event') this.#add([news.payload as ResourceEvent]);
      // Events of a Max that was reset begin anew.
      else if (news.event === REJOINED_EVENT && (news.payload as EventsJoined).last < this.#last) {
        this.#last = (news.payload as EventsJoined).last;
        this.#events = [];
        await this.#read().catch(passOver);
      }
    }
  }

  async #read(): Promise<void> {
    const { http, query, most, signal } = this.#options;
    const page = await http.get<EventPage>('/v1/events', { query: { ...query, limit: most }, signal, timeout: ASK_MS });
    this.#add(page.events);
  }

  #add(events: readonly ResourceEvent[]): void {
    const fresh = events.filter(({ seq }) => seq > this.#last);
    const newest = fresh.at(-1);
    if (newest === undefined) return;
    this.#last = newest.seq;
    this.#events = [...fresh.reverse(), ...this.#events].slice(0, this.#options.most);
    this.#options.onChange();
  }
}

function passOver(error: unknown): void {
  if (!isPassing(error)) throw error;
}
