import { randomBytes } from 'node:crypto';

/** A channel, as far as presence goes. */
export interface Present {
  readonly topic: string;
}

/** Facts about one presence, JSON-plain; the library adds `phx_ref`. */
export type PresenceMeta = Readonly<Record<string, unknown>>;

/** Who is present, as clients read it. */
export type PresenceState = Record<string, { metas: PresenceMeta[] }>;

interface Tracked {
  readonly key: string;
  readonly meta: PresenceMeta;
}

/**
 * Keeps who is on which topic and tells everyone there of each change by `presence_diff`. A channel tracks itself after
 * its join and untracks itself in `terminate`.
 */
export class Presence {
  readonly #topics = new Map<string, Map<object, Tracked>>();
  readonly #broadcast: (topic: string, event: string, payload: unknown) => void;

  /** @param endpoint sends the diffs, to every channel of the topic */
  constructor(endpoint: { broadcast(topic: string, event: string, payload: unknown): void }) {
    this.#broadcast = (topic, event, payload) => endpoint.broadcast(topic, event, payload);
  }

  /** Adds a channel under a key, such as its user. */
  track(channel: Present, key: string, meta: PresenceMeta): void {
    const { topic } = channel;
    const present = this.#topics.get(topic) ?? new Map<object, Tracked>();
    const tracked = { key, meta: { ...meta, phx_ref: newRef() } };
    this.#topics.set(topic, present);
    present.set(channel, tracked);
    this.#broadcast(topic, 'presence_diff', { joins: stateOf([tracked]), leaves: {} });
  }

  /** Changes a channel's meta; to the others it leaves and joins at once. */
  update(channel: Present, change: (meta: PresenceMeta) => PresenceMeta): void {
    const { topic } = channel;
    const present = this.#topics.get(topic);
    const old = present?.get(channel);
    if (present === undefined || old === undefined) return;
    const meta = { ...change(old.meta), phx_ref: newRef(), phx_ref_prev: old.meta.phx_ref };
    const tracked = { key: old.key, meta };
    present.set(channel, tracked);
    this.#broadcast(topic, 'presence_diff', { joins: stateOf([tracked]), leaves: stateOf([old]) });
  }

  /** Removes a channel; nothing where it was not tracked. */
  untrack(channel: Present): void {
    const { topic } = channel;
    const present = this.#topics.get(topic);
    const old = present?.get(channel);
    if (present === undefined || old === undefined) return;
    present.delete(channel);
    if (present.size === 0) this.#topics.delete(topic);
    this.#broadcast(topic, 'presence_diff', { joins: {}, leaves: stateOf([old]) });
  }

  /** Everyone on a topic, to be pushed as `presence_state`. */
  list(topic: string): PresenceState {
    return stateOf([...(this.#topics.get(topic)?.values() ?? [])]);
  }
}

function stateOf(tracked: readonly Tracked[]): PresenceState {
  const state: PresenceState = Object.create(null) as PresenceState;
  for (const { key, meta } of tracked) {
    const entry = state[key];
    if (entry === undefined) state[key] = { metas: [meta] };
    else entry.metas.push(meta);
  }
  return state;
}

function newRef(): string {
  return randomBytes(12).toString('base64url');
}
