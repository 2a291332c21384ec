import type { AppState } from '@rig/plugin-api/max';
import { COLUMNS, type ColumnKey } from './columns.ts';
import type { ListedApp } from './store.ts';

/** What the list is sorted by. */
export interface Order {
  key: 'name' | 'state' | ColumnKey;
  /** Turned round: the lowest first, or names from the end. */
  reverse: boolean;
}

/** States by how much they want to be looked at. */
const URGENCY: readonly AppState[] = ['crashed', 'degraded', 'starting', 'running', 'stopped', 'empty'];

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byName = (a: ListedApp, b: ListedApp): number =>
  compare(a.app.app, b.app.app) || compare(a.app.network, b.app.network);

/** Sorts apps; those that are alike by name. */
export function sorted(apps: ListedApp[], { key, reverse }: Order): ListedApp[] {
  const sign = reverse ? -1 : 1;
  const rank = COLUMNS.find((column) => column.key === key)?.rank;
  if (key === 'name') return apps.sort((a, b) => sign * byName(a, b));
  if (rank === undefined)
    return apps.sort((a, b) => sign * (URGENCY.indexOf(a.app.state) - URGENCY.indexOf(b.app.state)) || byName(a, b));
  const ranks = new Map(apps.map((listed) => [listed, rank(listed)]));
  return apps.sort((a, b) => sign * ((ranks.get(b) ?? 0) - (ranks.get(a) ?? 0)) || byName(a, b));
}
