import { SLOW_PATTERN_FIX } from '../../channels/log-refusal.ts';
import type { Core } from '../../core.ts';
import { PatternTooSlow } from '../../logs/pattern-worker.ts';
import { BadSelection, MOST_LINES, readSelection } from '../../logs/selection.ts';
import { findApp } from '../../resources.ts';
import type { LogQuery } from '../../runtime.ts';
import { numberOf } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { Route } from '../route.ts';
import { LOG_QUERY } from './shapes.ts';

/** @throws ProblemError `RIG_BAD_REQUEST` (400) naming the parameter */
function logQueryOf(query: URLSearchParams): LogQuery {
  try {
    const selection = readSelection((name) => query.get(name));
    const after = numberOf(query, 'after', 0, Number.MAX_SAFE_INTEGER);
    return { ...selection, lines: numberOf(query, 'lines', 1, MOST_LINES) ?? selection.lines, after };
  } catch (error) {
    if (error instanceof BadSelection) throw new ProblemError(400, 'RIG_BAD_REQUEST', error.message);
    throw error;
  }
}

/** Reads, and answers a pattern that takes too long. */
async function reading<T>(page: Promise<T>): Promise<T> {
  try {
    return await page;
  } catch (error) {
    if (!(error instanceof PatternTooSlow)) throw error;
    throw new ProblemError(422, 'RIG_PATTERN_TOO_SLOW', error.message, { fix: SLOW_PATTERN_FIX });
  }
}

/** The routes of logs. */
export function logRoutes(core: Core): Route[] {
  const base = '/v1/networks/:network/apps/:app';
  const notFound = ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND', 'RIG_PATTERN_TOO_SLOW'] as const;
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
        body: await reading(core.runtime.appLogs(findApp(core, params), logQueryOf(query))),
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
        const page = await reading(core.runtime.buildLogs(findApp(core, params), id, logQueryOf(query)));
        if (page === undefined)
          throw new ProblemError(404, 'RIG_BUILD_NOT_FOUND', `the app has no build ${JSON.stringify(id)}`);
        return { status: 200, body: page };
      },
    },
  ];
}
