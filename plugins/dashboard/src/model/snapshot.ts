import type { AppMetrics, AppState, MetricsSample, RequestFigures, ResourceEvent } from '@rig/plugin-api/max';
import type { DashboardPanel } from './panel.ts';

/** How the figures come. */
export interface Connection {
  /**
   * `live`: Max sends them each second; `polling`: its socket does not deliver and it is asked by HTTP; `offline`: it does
   * not answer, and what is shown is old; `connecting`: not known yet.
   */
  state: 'connecting' | 'live' | 'polling' | 'offline';
  /** Why it is not live, for a person; `null` where it is. */
  reason: string | null;
  /** Since when it has been so, ISO 8601 in UTC. */
  since: string;
}

/** An app as the dashboard shows it: figures of the last second. */
export interface DashboardApp extends Omit<AppMetrics, keyof RequestFigures | 'instances'> {
  /** Requests a second. */
  requestsPerSecond: number;
  /** Of them, those answered with a status of 500 and above. */
  errorsPerSecond: number;
  /** Milliseconds to the end of the answer's head; `null` where there was no request. */
  latencyMs: RequestFigures['latencyMs'];
}

/** All apps together. */
export interface Totals {
  apps: number;
  /** How many apps are in each state; states that none is in are left out. */
  states: Partial<Record<AppState, number>>;
  healthy: number;
  wanted: number;
  requestsPerSecond: number;
  errorsPerSecond: number;
  cpu: number;
  memoryBytes: number;
}

/** Everything that the dashboard shows at one moment, JSON-plain. */
export interface DashboardSnapshot {
  /** End of the second that the figures are of, ISO 8601 in UTC; `null` in the first second of a Max. */
  at: string | null;
  /** Name of the context; `null` where the server was given alone. */
  context: string | null;
  /** Base URL of Max. */
  server: string;
  /** Name of the user. */
  user: string;
  /** The network that it is narrowed to; `null` for all. */
  network: string | null;
  /** The filter that it is narrowed by; `null` for none. */
  filter: string | null;
  connection: Connection;
  totals: Totals;
  /** By network, then by name. */
  apps: DashboardApp[];
  /** What happened last, newest first. */
  events: ResourceEvent[];
  /** What plugins show beside. */
  panels: DashboardPanel[];
}

/** An app's figures a second, of a sample of so many seconds. */
export function dashboardApp(metrics: AppMetrics, seconds: number): DashboardApp {
  const { id, app, network, state, release, healthy, wanted, restarts, requests, statuses, latencyMs } = metrics;
  const { cpu, memoryBytes, sockets } = metrics;
  const perSecond = (count: number): number => Math.round((count * 1e3) / seconds) / 1e3;
  return {
    ...{ id, app, network, state, release, healthy, wanted, restarts },
    requestsPerSecond: perSecond(requests),
    errorsPerSecond: perSecond(statuses['5xx']),
    ...{ latencyMs, cpu, memoryBytes, sockets },
  };
}

/** The apps of a sample. */
export function appsOf(sample: MetricsSample): DashboardApp[] {
  return sample.apps.map((app) => dashboardApp(app, sample.seconds));
}

/** Sums over apps. */
export function totalsOf(apps: readonly DashboardApp[]): Totals {
  const totals: Totals = {
    ...{ apps: apps.length, states: {}, healthy: 0, wanted: 0 },
    ...{ requestsPerSecond: 0, errorsPerSecond: 0, cpu: 0, memoryBytes: 0 },
  };
  for (const app of apps) {
    totals.states[app.state] = (totals.states[app.state] ?? 0) + 1;
    totals.healthy += app.healthy;
    totals.wanted += app.wanted;
    totals.requestsPerSecond += app.requestsPerSecond;
    totals.errorsPerSecond += app.errorsPerSecond;
    totals.cpu += app.cpu;
    totals.memoryBytes += app.memoryBytes;
  }
  return totals;
}
