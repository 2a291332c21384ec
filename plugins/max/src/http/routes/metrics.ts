import type { Core } from '../../core.ts';
import { sampleOf } from '../../metrics/snapshot.ts';
import type { Route } from '../route.ts';

/** The routes of figures. */
export function metricsRoutes(core: Core): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/metrics',
      summary: 'Tells what the apps of all networks used and answered in the last second.',
      scope: 'read',
      answers: { 200: 'MetricsSample' },
      handle: async ({ principal }) => ({
        status: 200,
        body: sampleOf(await core.metrics.first(), { userId: principal.user.id }),
      }),
    },
  ];
}
