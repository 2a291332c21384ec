import type { AppMetrics, InstanceMetrics } from '@rig/plugin-api/max';
import type { Usage } from '../engine/usage.ts';
import type { RunningApp } from '../runtime.ts';
import type { MeasuredApp } from './measured-apps.ts';
import { type RequestCounts, requestFigures } from './request-window.ts';
import type { MeasuredFigures } from './snapshot.ts';

const NOTHING: Usage = { cpuSeconds: 0, memoryBytes: 0, sockets: 0 };

/** What is known of an app at the end of a second. */
export interface Observed {
  app: MeasuredApp;
  running: RunningApp;
  usages: ReadonlyMap<string, Usage>;
  requests: RequestCounts;
  /** Seconds since the look before. */
  elapsed: number;
}

/** Puts the figures of an app together. */
export function takeFigures({ app, running, usages, requests, elapsed }: Observed): MeasuredFigures {
  const figures: AppMetrics = {
    id: app.id,
    app: app.name,
    network: app.network,
    state: running.state,
    release: running.release,
    healthy: 0,
    wanted: 0,
    restarts: 0,
    cpu: 0,
    memoryBytes: 0,
    sockets: 0,
    ...requestFigures(requests),
  };
  const instances: InstanceMetrics[] = [];
  for (const { id, name, state, restarts, serves } of running.instances) {
    const { cpuSeconds, memoryBytes, sockets } = usages.get(id) ?? NOTHING;
    const cpu = coresOf(cpuSeconds, elapsed);
    instances.push({ name, state, restarts, cpu, memoryBytes, sockets });
    figures.cpu += cpu;
    figures.memoryBytes += memoryBytes;
    figures.sockets += sockets;
    if (!serves) continue;
    figures.wanted += 1;
    figures.restarts += restarts;
    if (state === 'healthy') figures.healthy += 1;
  }
  figures.cpu = Math.round(figures.cpu * 1000) / 1000;
  return { app, figures, instances };
}

/** Cores to three places: more is not in ticks of ten milliseconds. */
function coresOf(seconds: number, elapsed: number): number {
  return elapsed > 0 ? Math.round((seconds / elapsed) * 1000) / 1000 : 0;
}
