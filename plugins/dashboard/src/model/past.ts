import { setTimeout as delay } from 'node:timers/promises';
import { type Http, isPassing } from '@rig/plugin-api';
import { appPath, type MetricsHistory, type MetricsPoint } from '@rig/plugin-api/max';
import type { DashboardApp } from './snapshot.ts';

/** Milliseconds after which what a graph lacks is asked for again, unless said. */
export const PAST_MS = 5000;

/** Whose past is asked for, and who is told. */
export interface PastOptions {
  http: Http;
  apps: readonly DashboardApp[];
  /** The second that it begins with, ISO 8601. */
  since: string;
  pastMs?: number | undefined;
  /** Called with what an app did. */
  take(app: DashboardApp, points: readonly MetricsPoint[]): void;
  /** Called when all that could come has come, and again when more has. */
  came(): void;
  signal: AbortSignal;
}

/** Asks for what apps did, one after the other; what does not come because Max does not answer is asked for again. */
export async function readPast(options: PastOptions): Promise<void> {
  const { http, apps, since, pastMs = PAST_MS, take, came, signal } = options;
  const query = { resolution: 1, since };
  let left = apps;
  while (left.length > 0 && !signal.aborted) {
    const again: DashboardApp[] = [];
    for (const app of left)
      await http.get<MetricsHistory>(`${appPath(app)}/metrics`, { query, signal }).then(
        ({ points }) => take(app, points),
        (error: unknown) => {
          // One that was deleted meanwhile has none, and that is no reason to leave out the others.
          if (isPassing(error)) again.push(app);
        },
      );
    if (again.length < left.length) came();
    left = again;
    if (left.length > 0) await delay(pastMs, undefined, { signal }).catch(() => {});
  }
}
