import type { Core } from '../../core.ts';
import { findApp } from '../../resources.ts';
import { numberOf } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { Route } from '../route.ts';

function versionOf(body: unknown): number | undefined {
  const { to } = body as { to?: unknown };
  if (to === undefined || (typeof to === 'number' && Number.isSafeInteger(to) && to >= 1)) return to;
  throw new ProblemError(400, 'RIG_BAD_REQUEST', '"to" must be the version of a release: a whole number of 1 or more');
}

/** The routes that take an app back to an earlier release. */
export function rollbackRoutes(core: Core): Route[] {
  const path = '/v1/networks/:network/apps/:app/rollback';
  const problems = [
    'RIG_NETWORK_NOT_FOUND',
    'RIG_APP_NOT_FOUND',
    'RIG_RELEASE_NOT_FOUND',
    'RIG_NOTHING_RELEASED',
    'RIG_RELEASE_CURRENT',
    'RIG_RELEASE_GONE',
  ] as const;
  return [
    {
      method: 'GET',
      path,
      summary: 'Says what a rollback would change.',
      scope: 'read',
      query: [{ name: 'to', type: 'integer', description: 'A release; the one that served before unless said.' }],
      answers: { 200: 'RollbackPlan' },
      problems,
      handle: ({ params, query }) => {
        const to = numberOf(query, 'to', 1, Number.MAX_SAFE_INTEGER);
        return { status: 200, body: core.runtime.planRollback(findApp(core, params), to) };
      },
    },
    {
      method: 'POST',
      path,
      summary: 'Begins a release of the code and the configuration of an earlier one.',
      scope: 'deploy',
      body: { kind: 'json', schema: 'Rollback', optional: true },
      answers: { 202: 'Deployment' },
      problems: [...problems, 'RIG_DEPLOY_IN_PROGRESS'],
      handle:
        ({ params, body }) =>
        () => {
          const app = findApp(core, params);
          const deployment = core.runtime.rollback(app, versionOf(body));
          const location = `/v1/networks/${app.network}/apps/${app.name}/deployments/${deployment.id}`;
          return { status: 202, body: deployment, headers: { location } };
        },
    },
  ];
}
