import { INSTANCES_MAX } from '@rig/plugin-api/max';
import type { Core } from '../../core.ts';
import { type Formation, WEB } from '../../deployments/formation.ts';
import { findApp } from '../../resources.ts';
import type { AppRecord } from '../../store/apps.ts';
import { ProblemError } from '../problem-error.ts';
import type { Route } from '../route.ts';

const bad = (detail: string): ProblemError => new ProblemError(400, 'RIG_BAD_REQUEST', detail);

function formationOf(body: unknown): Formation {
  const { instances, formation } = body as { instances?: unknown; formation?: unknown };
  if ((instances === undefined) === (formation === undefined))
    throw bad('"formation" must say how many instances are to run by process type, or "instances" how many of web');
  if (formation !== undefined && (typeof formation !== 'object' || formation === null || Array.isArray(formation)))
    throw bad('"formation" must be an object with a number for each process type');
  const asked = Object.entries(formation ?? { [WEB]: instances });
  if (asked.length === 0) throw bad('"formation" names no process type');
  for (const [type, count] of asked) {
    const least = type === WEB ? 1 : 0;
    if (typeof count !== 'number' || !Number.isInteger(count) || count < least || count > INSTANCES_MAX)
      throw bad(`instances of ${type} must be a whole number from ${least} to ${INSTANCES_MAX}`);
  }
  return Object.fromEntries(asked) as Formation;
}

/** The routes that change what runs of an app: anew, in other numbers, not at all, again. */
export function lifecycleRoutes(core: Core): Route[] {
  const at = (app: AppRecord, { id }: { id: string }): Record<string, string> => ({
    location: `/v1/networks/${app.network}/apps/${app.name}/deployments/${id}`,
  });
  const problems = [
    'RIG_NETWORK_NOT_FOUND',
    'RIG_APP_NOT_FOUND',
    'RIG_NOTHING_RELEASED',
    'RIG_DEPLOY_IN_PROGRESS',
  ] as const;
  const common = { method: 'POST', scope: 'deploy', problems } as const;
  return [
    {
      ...common,
      path: '/v1/networks/:network/apps/:app/restart',
      summary: 'Begins a release of what serves, with new instances.',
      answers: { 202: 'Deployment' },
      handle:
        ({ params }) =>
        () => {
          const app = findApp(core, params);
          const deployment = core.runtime.restart(app);
          return { status: 202, body: deployment, headers: at(app, deployment) };
        },
    },
    {
      ...common,
      path: '/v1/networks/:network/apps/:app/scale',
      summary: 'Begins to run other numbers of instances; those that run and are to run go on.',
      body: { kind: 'json', schema: 'Scale' },
      answers: { 202: 'Deployment' },
      problems: [...problems, 'RIG_PROCESS_NOT_FOUND', 'RIG_NOTHING_TO_RUN'],
      handle: ({ params, body }) => {
        const formation = formationOf(body);
        return () => {
          const app = findApp(core, params);
          const deployment = core.runtime.scale(app, formation);
          return { status: 202, body: deployment, headers: at(app, deployment) };
        };
      },
    },
    {
      ...common,
      path: '/v1/networks/:network/apps/:app/stop',
      summary: 'Stops an app until it is started: its instances end once their requests have.',
      answers: { 200: 'Stopped' },
      handle:
        ({ params }) =>
        () => ({ status: 200, body: core.runtime.stopApp(findApp(core, params)) }),
    },
    {
      ...common,
      path: '/v1/networks/:network/apps/:app/start',
      summary: 'Begins to start the instances of an app that is stopped.',
      answers: { 200: 'Started', 202: 'Started' },
      handle:
        ({ params }) =>
        () => {
          const app = findApp(core, params);
          const body = core.runtime.startApp(app);
          if (body.deployment === null) return { status: 200, body };
          return { status: 202, body, headers: at(app, body.deployment) };
        },
    },
  ];
}
