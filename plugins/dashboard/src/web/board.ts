import type { LiveDashboard } from '../model/live-dashboard.ts';
import type { Minute, ServerMessage } from './protocol.ts';
import { type Row, rowOf } from './row.ts';

/** Seconds of the small graph of each row. */
const MINUTE = 60;

/** What all tabs share: each message is made and written out once, however many tabs there are. */
export class Board {
  readonly #model: LiveDashboard;
  #version = 0;
  #pastVersion = 0;
  #at: string | null | undefined;
  #rows = new Map<string, string>();
  #changes: string | undefined;
  /** How the figures come, events and panels, as messages by their type. */
  shared: ReadonlyArray<readonly [type: string, text: string]> = [];

  constructor(model: LiveDashboard) {
    this.#model = model;
    this.update();
  }

  /** Rises by one with each second of figures. */
  get version(): number {
    return this.#version;
  }

  /** Looks what has changed since the last time. */
  update(): void {
    const { at, apps, connection, events, panels } = this.#model.snapshot();
    this.shared = [
      ['connection', write({ type: 'connection', connection })],
      ['events', write({ type: 'events', events })],
      ['panels', write({ type: 'panels', panels })],
    ];
    const { pastVersion } = this.#model;
    // What the apps did before has come: the graphs of all rows are others.
    if (pastVersion !== this.#pastVersion) {
      this.#pastVersion = pastVersion;
      this.#changes = undefined;
      this.#version += 1;
    }
    if (at === this.#at) return;
    this.#at = at;
    const rows = new Map<string, string>();
    const changed: Row[] = [];
    for (const app of apps) {
      const row = rowOf(app);
      const text = JSON.stringify(row);
      rows.set(app.id, text);
      if (this.#rows.get(app.id) !== text) changed.push(row);
    }
    const gone = [...this.#rows.keys()].filter((id) => !rows.has(id));
    this.#rows = rows;
    this.#changes = write({ type: 'changes', at, rows: changed, gone });
    this.#version += 1;
  }

  /** What a tab needs that has seen that version: the last changes, or everything. */
  since(version: number): string {
    if (this.#changes !== undefined && version === this.#version - 1) return this.#changes;
    const { at, apps } = this.#model.snapshot();
    const minute: Record<string, Minute> = {};
    for (const { id } of apps)
      minute[id] = { requests: this.#figure(id, 'requests'), errors: this.#figure(id, 'errors') };
    return write({ type: 'rows', at, rows: apps.map(rowOf), minute });
  }

  #figure(id: string, figure: 'requests' | 'errors'): Array<number | null> {
    return this.#model.figure(id, figure, MINUTE).map(plainNumber);
  }
}

/** A figure as it is sent: as exact as it can be seen in a graph. */
export const plainNumber = (value: number): number | null =>
  Number.isNaN(value) ? null : value >= 1000 ? Math.round(value) : Math.round(value * 1000) / 1000;

/** A message as it goes over the wire. */
export function write(message: ServerMessage): string {
  return JSON.stringify(message);
}
