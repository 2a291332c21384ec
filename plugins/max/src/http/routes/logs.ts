import type { Core } from '../../core.ts';
import { findApp } from '../../resources.ts';
import type { LogQuery } from '../../runtime.ts';
import { numberOf } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { Route } from '../route.ts';
import { LOG_QUERY } from './shapes.ts';

function logQueryOf(query: URLSearchParams): LogQuery {
  return {
    lines: numberOf(query, 'lines', 1, 10_000) ?? 100,
    after: numberOf(query, 'after', 0, Number.MAX_SAFE_INTEGER),
  };
}

/** The routes of logs. */
export function logRoutes(core: Core): Route[] {
  const base = '/v1/networks/:network/apps/:app';
  const notFound = ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND'] as const;
  return [
    {
      method: 'GET',
      path: `${base}/logs`,
      summary: "Reads an app's log, oldest line first.",
      scope: 'read',
      query: LOG_QUERY,
      answers: { 200: 'LogPage' },
      problems: notFound,
      handle: async ({ params, query }) => ({
        status: 200,
        body: await core.runtime.appLogs(findApp(core, params), logQueryOf(query)),
      }),
    },
    {
      method: 'GET',
      path: `${base}/builds/:id/logs`,
      summary: "Reads a build's log, oldest line first.",
      scope: 'read',
      query: LOG_QUERY,
      answers: { 200: 'LogPage' },
      problems: [...notFound, 'RIG_BUILD_NOT_FOUND'],
      handle: async ({ params, query }) => {
        const { id = '' } = params;
        const page = await core.runtime.buildLogs(findApp(core, params), id, logQueryOf(query));
        if (page === undefined)
          throw new ProblemError(404, 'RIG_BUILD_NOT_FOUND', `the app has no build ${JSON.stringify(id)}`);
        return { status: 200, body: page };
      },
    },
  ];
}
