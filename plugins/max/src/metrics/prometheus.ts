import type { AppMetrics, MetricsSample } from '@rig/plugin-api/max';
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import type { AppTotals } from './app-totals.ts';
import { LATENCY_BOUNDS } from './request-meter.ts';
import type { RequestMeters } from './request-meters.ts';
import { STATUS_CLASSES } from './request-window.ts';

/** The media type of what is answered. */
export const PROMETHEUS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** What only rises, of each app. */
export interface Totals {
  totals: AppTotals;
  requests: RequestMeters;
}

/** One line, before its labels are written. */
interface Value {
  labels: Record<string, string | number>;
  value: number;
  /** Where it is another than that of the family. */
  metricName?: string;
}

/** A family of figures: what it is called, what it means, and its values of one app. */
interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  of(app: AppMetrics, totals: Totals): Value[];
}

const labelsOf = ({ app, network }: AppMetrics): Record<string, string> => ({ app, network });

const gauge = (name: string, help: string, of: (app: AppMetrics) => number | null): Family => ({
  name,
  help,
  type: 'gauge',
  of: (app) => {
    const value = of(app);
    return value === null ? [] : [{ labels: labelsOf(app), value }];
  },
});

const counter = (name: string, help: string, of: (app: AppMetrics, totals: Totals) => number): Family => ({
  name,
  help,
  type: 'counter',
  of: (app, totals) => [{ labels: labelsOf(app), value: of(app, totals) }],
});

const LATENCY = 'max_app_request_duration_seconds';

const FAMILIES: readonly Family[] = [
  {
    name: 'max_app_requests_total',
    help: 'Requests that were answered, by the class of their status, since Max has started.',
    type: 'counter',
    of: (app, { requests }) => {
      const counts = requests.of(app.id)?.totals.statuses;
      return STATUS_CLASSES.map((code, index) => ({
        labels: { ...labelsOf(app), code },
        value: counts?.[index] ?? 0,
      }));
    },
  },
  {
    name: LATENCY,
    help: "Time from a request's head to the end of its answer's.",
    type: 'histogram',
    of: (app, { requests }) => latencies(app, requests),
  },
  counter(
    'max_app_cpu_seconds_total',
    'Seconds of a processor that its processes have used, since Max has started.',
    ({ id }, { totals }) => Math.round(totals.of(id).cpuSeconds * 100) / 100,
  ),
  counter(
    'max_app_restarts_total',
    'Restarts of its instances after a crash, since Max has started.',
    ({ id }, { totals }) => totals.of(id).restarts,
  ),
  gauge('max_app_memory_bytes', 'Memory of its processes.', ({ memoryBytes }) => memoryBytes),
  gauge('max_app_sockets', 'Open TCP sockets of its processes.', ({ sockets }) => sockets),
  gauge('max_app_instances_healthy', 'Instances that are healthy.', ({ healthy }) => healthy),
  gauge('max_app_instances_wanted', 'Instances that there should be.', ({ wanted }) => wanted),
  gauge('max_app_release', 'Version of the release that serves.', ({ release }) => release),
];

function latencies(app: AppMetrics, requests: RequestMeters): Value[] {
  const { buckets, seconds } = requests.of(app.id)?.totals ?? { buckets: [], seconds: 0 };
  const labels = labelsOf(app);
  let count = 0;
  const values = [...LATENCY_BOUNDS, '+Inf'].map((le, index): Value => {
    count += buckets[index] ?? 0;
    return { labels: { le, ...labels }, value: count, metricName: `${LATENCY}_bucket` };
  });
  const sum = { labels, value: seconds, metricName: `${LATENCY}_sum` };
  return [...values, sum, { labels, value: count, metricName: `${LATENCY}_count` }];
}

let own: Registry | undefined;

/** The figures of Max's own process: they are of the process, whatever runs in it. They begin when they are asked for first. */
function ownFigures(): Registry {
  if (own === undefined) {
    own = new Registry();
    collectDefaultMetrics({ register: own, prefix: 'max_' });
  }
  return own;
}

/** The figures of a sample's apps, and of Max, as text for Prometheus. */
export async function prometheusText({ apps }: MetricsSample, totals: Totals): Promise<string> {
  const registry = new Registry();
  for (const { name, help, type, of } of FAMILIES) {
    const values = apps.flatMap((app) => of(app, totals));
    // What a registry asks of a metric: these were counted already, and by others than the library.
    const metric = { name, help, type, aggregator: 'sum', get: async () => ({ name, help, type, values }) };
    registry.registerMetric(metric as unknown as Metric);
  }
  return `${await registry.metrics()}\n${await ownFigures().metrics()}`;
}
