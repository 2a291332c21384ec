import type { ResourceEvent } from '@rig/plugin-api/max';
import type { AppRecord } from './store/apps.ts';
import type { Database } from './store/database.ts';

/** What happened, before it has a number. Ids decide who hears of it; names are what is shown. */
export interface NewEvent {
  /** `network.created`, `app.created`, `deployment.updated`, `instance.crashed`, … */
  type: string;
  network?: { id: string; name: string } | undefined;
  app?: { id: string; name: string } | undefined;
  /** One sentence. Never a secret. */
  text: string;
  /** Why, where something failed. */
  code?: string | undefined;
}

/** Where an event of an app has happened. */
export function placeOf(app: AppRecord): Required<Pick<NewEvent, 'network' | 'app'>> {
  return { network: { id: app.networkId, name: app.network }, app: { id: app.id, name: app.name } };
}

/** An event with the ids that its listeners are found by. */
export interface StoredEvent extends Omit<ResourceEvent, 'code'> {
  code: string | null;
  networkId: string | null;
  appId: string | null;
}

/** Which events: of a network or an app, and of a type (`deployment.updated`) or a kind of types (`deployment`). */
export interface EventFilter {
  networkId?: string | undefined;
  appId?: string | undefined;
  type?: string | undefined;
}

/** An event as it is told: without the ids. */
export function showEvent({ seq, at, type, network, app, text, code }: StoredEvent): ResourceEvent {
  return { seq, at, type, network, app, text, ...(code === null ? {} : { code }) };
}

/** Events that are kept; older ones are dropped. */
export const EVENTS_KEPT = 20_000;

const SELECT = 'SELECT seq, at, type, network_id AS networkId, app_id AS appId, network, app, text, code FROM events';

/** What happens to resources, in order: each event is on disk before a listener hears of it. */
export class EventLog {
  readonly #db: Database;
  readonly #listeners = new Set<(event: StoredEvent) => void>();
  #sincePruned = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Keeps an event and tells the listeners. Inside a transaction the listeners are told once it is committed, so that
   * nobody hears of what did not happen.
   */
  append(event: NewEvent): void {
    const at = new Date().toISOString();
    const values = [at, event.type, event.network?.id ?? null, event.app?.id ?? null];
    const row = this.#db.get<{ seq: number }>(
      'INSERT INTO events (at, type, network_id, app_id, network, app, text, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq',
      [...values, event.network?.name ?? null, event.app?.name ?? null, event.text, event.code ?? null],
    );
    const stored: StoredEvent = {
      seq: row?.seq ?? 0,
      at,
      type: event.type,
      networkId: event.network?.id ?? null,
      appId: event.app?.id ?? null,
      network: event.network?.name ?? null,
      app: event.app?.name ?? null,
      text: event.text,
      code: event.code ?? null,
    };
    this.#prune(stored.seq);
    this.#db.afterCommit(() => {
      for (const listener of [...this.#listeners]) listener(stored);
    });
  }

  /** Calls back with each new event; gives a function that ends it. */
  listen(listener: (event: StoredEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The number of the last event, 0 for none. */
  last(): number {
    return this.#db.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM events')?.seq ?? 0;
  }

  /** The number of the oldest event that is kept, 0 for none. */
  first(): number {
    return this.#db.get<{ seq: number | null }>('SELECT min(seq) AS seq FROM events')?.seq ?? 0;
  }

  /** Up to `limit` events after a number, oldest first. */
  after(seq: number, limit: number, of: EventFilter = {}): StoredEvent[] {
    const [where, values] = condition(of);
    return this.#db.all(`${SELECT} WHERE seq > ?${where} ORDER BY seq LIMIT ?`, [seq, ...values, limit]);
  }

  /** The last events, or the last ones before a number, newest first. */
  recent(limit: number, of: EventFilter = {}, before = Number.MAX_SAFE_INTEGER): StoredEvent[] {
    const [where, values] = condition(of);
    return this.#db.all(`${SELECT} WHERE seq < ?${where} ORDER BY seq DESC LIMIT ?`, [before, ...values, limit]);
  }

  #prune(seq: number): void {
    this.#sincePruned += 1;
    if (this.#sincePruned < 1000) return;
    this.#sincePruned = 0;
    this.#db.run('DELETE FROM events WHERE seq <= ?', [seq - EVENTS_KEPT]);
  }
}

function condition({ networkId, appId, type }: EventFilter): [string, string[]] {
  const all: Array<[string, string[]]> = [];
  if (appId !== undefined) all.push([' AND app_id = ?', [appId]]);
  if (networkId !== undefined) all.push([' AND network_id = ?', [networkId]]);
  if (type !== undefined)
    all.push([" AND (type = ? OR substr(type, 1, length(?) + 1) = ? || '.')", [type, type, type]]);
  return [all.map(([where]) => where).join(''), all.flatMap(([, values]) => values)];
}
