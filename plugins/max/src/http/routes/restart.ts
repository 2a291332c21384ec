import { INSTANCES_MAX } from '@rig/plugin-api/max';
import type { Core } from '../../core.ts';
import { findApp } from '../../resources.ts';
import { ProblemError } from '../problem-error.ts';
import type { Answer, Route, RouteRequest } from '../route.ts';

function instancesOf(body: unknown): number {
  const { instances } = body as { instances?: unknown };
  if (typeof instances === 'number' && Number.isInteger(instances) && instances >= 1 && instances <= INSTANCES_MAX)
    return instances;
  throw new ProblemError(400, 'RIG_BAD_REQUEST', `"instances" must be a whole number from 1 to ${INSTANCES_MAX}`);
}

/** The routes that start what serves anew, as it is or with another number of instances. */
export function restartRoutes(core: Core): Route[] {
  const begin = ({ params }: RouteRequest, instances?: number): Answer => {
    const app = findApp(core, params);
    const deployment = core.runtime.restart(app, instances);
    const location = `/v1/networks/${app.network}/apps/${app.name}/deployments/${deployment.id}`;
    return { status: 202, body: deployment, headers: { location } };
  };
  const common = {
    method: 'POST',
    scope: 'deploy',
    answers: { 202: 'Deployment' },
    problems: ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND', 'RIG_NOTHING_RELEASED', 'RIG_DEPLOY_IN_PROGRESS'],
  } as const;
  return [
    {
      ...common,
      path: '/v1/networks/:network/apps/:app/restart',
      summary: 'Begins a release of what serves, with new instances.',
      handle: (request) => () => begin(request),
    },
    {
      ...common,
      path: '/v1/networks/:network/apps/:app/scale',
      summary: 'Begins a release of what serves, with another number of instances.',
      body: { kind: 'json', schema: 'Scale' },
      handle: (request) => () => begin(request, instancesOf(request.body)),
    },
  ];
}
