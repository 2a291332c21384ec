import { instanceStates, list, number, object, of, orNull, type Schema, states, text, time } from './schema-parts.ts';

const amount: Schema = { type: 'number', minimum: 0 };

const usage = { cpu: amount, memoryBytes: number, sockets: number };

const requests = {
  requests: number,
  statuses: object({ '1xx': number, '2xx': number, '3xx': number, '4xx': number, '5xx': number }),
  latencyMs: orNull(object({ p50: amount, p95: amount, p99: amount })),
};

/** The schemas of figures. */
export const metricsSchemas: Readonly<Record<string, Schema>> = {
  InstanceMetrics: object({ name: text, state: instanceStates, restarts: number, ...usage }),
  AppMetrics: object({
    id: text,
    app: text,
    network: text,
    state: states,
    release: orNull(number),
    healthy: number,
    wanted: number,
    restarts: number,
    ...usage,
    ...requests,
    'instances?': list(of('InstanceMetrics')),
  }),
  MetricsPoint: object({ at: time, seconds: amount, healthy: number, restarts: number, ...usage, ...requests }),
  MetricsHistory: object({ resolution: { type: 'integer', enum: [1, 60] }, points: list(of('MetricsPoint')) }),
  RecentMetrics: object({ at: time, seconds: amount, ...usage, ...requests }),
  PrometheusText: { type: 'string', description: 'Text of Prometheus, version 0.0.4.' },
  MetricsSample: object({ at: time, seconds: amount, apps: list(of('AppMetrics')) }),
};
