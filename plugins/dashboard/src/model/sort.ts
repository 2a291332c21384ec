import type { AppState } from '@rig/plugin-api/max';
import type { DashboardApp } from './snapshot.ts';

/** What the apps can be sorted by. */
export const SORT_KEYS = ['name', 'state', 'requests', 'p95', 'cpu', 'memory'] as const;

/** One of {@link SORT_KEYS}. */
export type SortKey = (typeof SORT_KEYS)[number];

/** States by how much they want to be looked at. */
export const URGENCY: readonly AppState[] = ['crashed', 'degraded', 'starting', 'running', 'stopped', 'empty'];

type Named = Pick<DashboardApp, 'app' | 'network' | 'state'>;

/** Orders apps as their names `APP.NETWORK` are read. */
export const byName = (a: Named, b: Named): number => compare(a.app, b.app) || compare(a.network, b.network);

/** Orders apps by how much their state wants to be looked at. */
export const byUrgency = (a: Named, b: Named): number => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const FIRST: Record<SortKey, (a: DashboardApp, b: DashboardApp) => number> = {
  name: byName,
  state: byUrgency,
  requests: (a, b) => b.requestsPerSecond - a.requestsPerSecond,
  p95: (a, b) => (b.latencyMs?.p95 ?? -1) - (a.latencyMs?.p95 ?? -1),
  cpu: (a, b) => b.cpu - a.cpu,
  memory: (a, b) => b.memoryBytes - a.memoryBytes,
};

/** Sorts apps, what wants to be looked at first, those that are alike by name; `reverse` turns it round. */
export function sortApps(apps: readonly DashboardApp[], key: SortKey, reverse = false): DashboardApp[] {
  const sign = reverse ? -1 : 1;
  return [...apps].sort((a, b) => sign * FIRST[key](a, b) || byName(a, b));
}
