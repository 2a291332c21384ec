import type { AppState } from '@rig/plugin-api/max';
import type { DashboardApp } from '../model/snapshot.ts';

/** An app in the list of all: a tuple, as hundreds of them go to each tab every second. */
export type Row = [
  id: string,
  network: string,
  app: string,
  state: AppState,
  release: number | null,
  healthy: number,
  wanted: number,
  restarts: number,
  requestsPerSecond: number,
  errorsPerSecond: number,
  /** Milliseconds: p50, p95, p99; `null` in a second without a request. */
  latency: [number, number, number] | null,
  /** Cores. */
  cpu: number,
  memoryBytes: number,
  sockets: number,
];

/** The step below which another amount of memory is no news: a person sees three digits at most. */
const MEMORY_STEP = 100_000;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The row of an app, as exact as it is shown: an app that idles has the same one every second. */
export function rowOf(app: DashboardApp): Row {
  const { latencyMs } = app;
  return [
    app.id,
    app.network,
    app.app,
    app.state,
    app.release,
    app.healthy,
    app.wanted,
    app.restarts,
    round(app.requestsPerSecond, 1),
    round(app.errorsPerSecond, 1),
    latencyMs && [round(latencyMs.p50, 1), round(latencyMs.p95, 1), round(latencyMs.p99, 1)],
    round(app.cpu, 3),
    Math.round(app.memoryBytes / MEMORY_STEP) * MEMORY_STEP,
    app.sockets,
  ];
}

/** The app of a row. */
export function appOf(row: Row): DashboardApp {
  const [id, network, app, state, release, healthy, wanted, restarts, requestsPerSecond, errorsPerSecond] = row;
  const [, , , , , , , , , , latency, cpu, memoryBytes, sockets] = row;
  const latencyMs = latency && { p50: latency[0], p95: latency[1], p99: latency[2] };
  return {
    ...{ id, network, app, state, release, healthy, wanted, restarts, requestsPerSecond, errorsPerSecond },
    ...{ latencyMs, cpu, memoryBytes, sockets },
  };
}
