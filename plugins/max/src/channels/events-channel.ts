import type { EventsGap, EventsJoined } from '@rig/plugin-api/max';
import type { Core } from '../core.ts';
import { type StoredEvent, showEvent } from '../events.ts';
import { Channel, ok, type Reply } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';
import { endOfApp, endWith } from './end-with.ts';
import { refuseJoin } from './refusal.ts';

/** Events that are read at once for one who comes back. */
const BATCH = 500;

/** Bytes that may wait for a client before the next events are read. */
const WAITING = 256 * 1024;

/**
 * `user:ID`, `network:ID` and `app:ID`: what happens to resources, each event once and in order. Events are always read
 * from the log, from the number that was sent last, so that a slow reader costs no memory and misses nothing but what
 * the log no longer has, which it is told.
 */
export class EventsChannel extends Channel<SocketAssigns> {
  readonly #core: Core;
  #of: { networkId?: string; appId?: string } = {};
  /** Everything up to here was looked at, and sent where it concerns this topic. */
  #looked = 0;
  #unlisten: (() => void) | undefined;
  #scheduled = false;

  constructor(core: Core) {
    super();
    this.#core = core;
  }

  override join(topic: string, payload: unknown): Reply {
    const { userId, scopes } = this.assigns;
    const at = topic.indexOf(':');
    const kind = topic.slice(0, at);
    const id = topic.slice(at + 1);
    if (!scopes.includes('read')) return refuseJoin(topic, 'forbidden');
    if (kind === 'user' && id !== userId) return refuseJoin(topic, 'forbidden');
    if (kind === 'network' && this.#core.networks.byId(id) === undefined) return refuseJoin(topic, 'not_found');
    if (kind === 'app' && this.#core.apps.byId(id) === undefined) return refuseJoin(topic, 'not_found');
    this.#of = kind === 'network' ? { networkId: id } : kind === 'app' ? { appId: id } : {};
    const last = this.#core.events.last();
    const after = (payload as { after?: unknown } | null)?.after;
    // A number beyond the last comes from another Max, or from before a reset.
    this.#looked = Number.isSafeInteger(after) && (after as number) >= 0 ? Math.min(after as number, last) : last;
    this.#unlisten = this.#core.events.listen((event) => {
      if (this.#concerns(event)) this.#schedule();
      // Else a quiet app's place would fall behind what is kept, and look like a gap.
      else if (this.#looked === event.seq - 1) this.#looked = event.seq;
    });
    // After the listener above: the last event goes out before the end.
    if (kind === 'app') endWith(this, this.#core.events, endOfApp(id));
    if (kind === 'network')
      endWith(this, this.#core.events, (event) => event.type === 'network.deleted' && event.networkId === id);
    if (this.#looked < last) this.#schedule();
    return ok({ last } satisfies EventsJoined);
  }

  override terminate(): void {
    this.#unlisten?.();
  }

  #concerns(event: StoredEvent): boolean {
    const { networkId, appId } = this.#of;
    if (appId !== undefined) return event.appId === appId;
    return networkId === undefined || event.networkId === networkId;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.run(() => this.#send());
  }

  async #send(): Promise<void> {
    this.#scheduled = false;
    for (;;) {
      const { events: log } = this.#core;
      const first = log.first();
      if (first > this.#looked + 1) {
        this.push('gap', { from: this.#looked + 1, to: first - 1 } satisfies EventsGap);
        this.#looked = first - 1;
      }
      const last = log.last();
      const events = log.after(this.#looked, BATCH, this.#of);
      for (const event of events) this.push('event', showEvent(event));
      this.#looked = events.length < BATCH ? last : (events.at(-1) as StoredEvent).seq;
      if (events.length < BATCH) return;
      await this.drained(WAITING);
    }
  }
}
