import { byName, byUrgency } from '../../model/sort.ts';
import { COLUMNS, type ColumnKey } from './columns.ts';
import type { ListedApp } from './store.ts';

/** What the list is sorted by. */
export interface Order {
  key: 'name' | 'state' | ColumnKey;
  /** Turned round: the lowest first, or names from the end. */
  reverse: boolean;
}

/** Sorts apps; those that are alike by name. */
export function sorted(apps: ListedApp[], { key, reverse }: Order): ListedApp[] {
  const sign = reverse ? -1 : 1;
  const rank = COLUMNS.find((column) => column.key === key)?.rank;
  const ranks = new Map(rank === undefined ? [] : apps.map((listed) => [listed, rank(listed)]));
  const first = (a: ListedApp, b: ListedApp): number => {
    if (rank !== undefined) return (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0);
    return key === 'state' ? byUrgency(a.app, b.app) : byName(a.app, b.app);
  };
  return apps.sort((a, b) => sign * first(a, b) || byName(a.app, b.app));
}
