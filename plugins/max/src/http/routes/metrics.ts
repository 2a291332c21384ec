import { LOG_TIME_FORMS, parseLogTime } from '@rig/plugin-api/max';
import type { Core } from '../../core.ts';
import type { Resolution } from '../../metrics/history.ts';
import { PROMETHEUS_TYPE, prometheusText } from '../../metrics/prometheus.ts';
import { sampleOf } from '../../metrics/snapshot.ts';
import { findOwnApp } from '../../resources.ts';
import { ProblemError } from '../problem-error.ts';
import type { QueryShape, Route } from '../route.ts';

const HISTORY_QUERY: readonly QueryShape[] = [
  {
    name: 'resolution',
    type: 'integer',
    values: [1, 60],
    description: 'Seconds of an interval: 1, kept for an hour, or 60, kept for a day; 60 unless said.',
  },
  {
    name: 'since',
    type: 'string',
    description:
      'Points that end after that time: ISO 8601, or a duration back from now (10m, 2h, 1d); all unless said.',
  },
  { name: 'until', type: 'string', description: 'Points that do not end after that time, in the same forms.' },
];

const bad = (detail: string): ProblemError => new ProblemError(400, 'RIG_BAD_REQUEST', detail);

function resolutionOf(query: URLSearchParams): Resolution {
  const text = query.get('resolution') ?? '60';
  if (text !== '1' && text !== '60')
    throw bad(`"resolution" must be 1 or 60, the seconds of an interval, and is ${JSON.stringify(text)}`);
  return text === '1' ? 1 : 60;
}

function timeOf(query: URLSearchParams, name: string, now: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const at = parseLogTime(text, now);
  if (at === undefined) throw bad(`"${name}" must be ${LOG_TIME_FORMS}, and is ${JSON.stringify(text)}`);
  return at;
}

/** @throws ProblemError `RIG_BAD_REQUEST` (400) naming the parameter */
function rangeOf(query: URLSearchParams): { resolution: Resolution; since: number; until: number } {
  const now = Date.now();
  const since = timeOf(query, 'since', now) ?? 0;
  const until = timeOf(query, 'until', now) ?? Number.POSITIVE_INFINITY;
  if (since > until) throw bad('"since" must not be after "until"');
  return { resolution: resolutionOf(query), since, until };
}

/** The routes of figures. */
export function metricsRoutes(core: Core): Route[] {
  const { metrics } = core;
  return [
    {
      method: 'GET',
      path: '/v1/metrics',
      summary: 'Tells what the apps of all networks used and answered in the last second.',
      scope: 'read',
      answers: { 200: 'MetricsSample' },
      handle: async ({ principal }) => ({
        status: 200,
        body: sampleOf(await metrics.current(), { userId: principal.user.id }),
      }),
    },
    {
      method: 'GET',
      path: '/v1/networks/:network/apps/:app/metrics',
      summary: 'Tells what an app used and answered, interval by interval, the oldest first.',
      scope: 'read',
      query: HISTORY_QUERY,
      answers: { 200: 'MetricsHistory' },
      problems: ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND'],
      handle: ({ params, query, principal }) => {
        const { id } = findOwnApp(core, params, principal.user.id);
        const { resolution, since, until } = rangeOf(query);
        return { status: 200, body: metrics.history(id, resolution, since, until) };
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      operationId: 'getMetricsText',
      summary: 'Tells the figures of all apps, and of Max itself, as Prometheus reads them.',
      scope: 'read',
      answers: { 200: 'PrometheusText' },
      mediaType: PROMETHEUS_TYPE,
      handle: async ({ principal }) => {
        const sample = sampleOf(await metrics.current(), { userId: principal.user.id });
        return { status: 200, text: await prometheusText(sample, metrics) };
      },
    },
  ];
}
