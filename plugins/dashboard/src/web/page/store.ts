import type { DashboardApp } from '../../model/snapshot.ts';
import type { Minute, ServerMessage } from '../protocol.ts';
import { appOf } from '../row.ts';

/** Seconds that a row's small graph shows. */
export const MINUTE = 60;

/** An app of the list, with its last minute. */
export interface ListedApp {
  app: DashboardApp;
  minute: Minute;
}

/** What the page knows of all apps. */
export class Store {
  #apps = new Map<string, ListedApp>();
  #second: number | undefined;
  /** End of the second that the figures are of. */
  at: string | null = null;

  /** Every app, in no particular order. */
  get apps(): ReadonlyMap<string, ListedApp> {
    return this.#apps;
  }

  /** The app of that name. */
  find(network: string, app: string): ListedApp | undefined {
    for (const listed of this.#apps.values())
      if (listed.app.app === app && listed.app.network === network) return listed;
    return undefined;
  }

  /** Takes all rows anew. */
  reset({ at, rows, minute }: Extract<ServerMessage, { type: 'rows' }>): void {
    this.at = at;
    this.#second = secondOf(at);
    this.#apps = new Map(
      rows.map((row) => [row[0], { app: appOf(row), minute: minute[row[0]] ?? { requests: [], errors: [] } }]),
    );
  }

  /** Takes what has changed; a second has passed for the other apps too. */
  change({ at, rows, gone }: Extract<ServerMessage, { type: 'changes' }>): void {
    for (const id of gone) this.#apps.delete(id);
    for (const row of rows) {
      const known = this.#apps.get(row[0]);
      if (known) known.app = appOf(row);
      else this.#apps.set(row[0], { app: appOf(row), minute: { requests: [], errors: [] } });
    }
    const second = secondOf(at);
    const passed = second === undefined ? 0 : second - (this.#second ?? second - 1);
    this.at = at;
    this.#second = second;
    if (passed <= 0) return;
    for (const { app, minute } of this.#apps.values()) {
      for (let missed = 1; missed < Math.min(passed, MINUTE); missed++) push(minute, null, null);
      push(minute, app.requestsPerSecond, app.errorsPerSecond);
    }
  }
}

function push({ requests, errors }: Minute, request: number | null, error: number | null): void {
  requests.push(request);
  errors.push(error);
  if (requests.length > MINUTE) requests.shift();
  if (errors.length > MINUTE) errors.shift();
}

const secondOf = (at: string | null): number | undefined =>
  at === null ? undefined : Math.round(Date.parse(at) / 1000);

/** The share of the last minute's answers that were errors (5xx); `null` where there were no answers. */
export function errorShare({ requests, errors }: Minute): number | null {
  const sum = (values: Array<number | null>): number => values.reduce<number>((all, one) => all + (one ?? 0), 0);
  const all = sum(requests);
  return all === 0 ? null : sum(errors) / all;
}
