import type { AppMetrics, MetricsSample } from '@rig/plugin-api/max';

/** Figures of an app that does nothing, with some of them as said. */
export function appMetrics(app: string, figures: Partial<AppMetrics> = {}): AppMetrics {
  return {
    ...{ id: `app_${app}`, app, network: 'shop', state: 'running', release: 1, healthy: 1, wanted: 1, restarts: 0 },
    ...{ requests: 0, statuses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 }, latencyMs: null },
    ...{ cpu: 0, memoryBytes: 50_000_000, sockets: 1 },
    ...figures,
  };
}

/** A sample of these apps, at a second, of one unless it is said of how many. */
export function sampleAt(second: number, apps: AppMetrics[], seconds = 1): MetricsSample {
  return { at: new Date(second * 1000).toISOString(), seconds, apps };
}
