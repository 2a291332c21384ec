import { chunksOf } from '../../content/upload-contents.ts';
import type { Core } from '../../core.ts';
import { findApp } from '../../resources.ts';
import type { PageOf, PageRequest } from '../../runtime.ts';
import type { AppRecord } from '../../store/apps.ts';
import { limitOf } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { Commit, Route, RouteRequest } from '../route.ts';
import { PAGE_QUERY } from './shapes.ts';
import { findUpload } from './uploads.ts';

async function createDeployment(core: Core, { params, body }: RouteRequest): Promise<Commit> {
  const { upload: id, cache = true } = body as { upload?: unknown; cache?: unknown };
  if (typeof id !== 'string') throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the body has no "upload", the id of one');
  if (typeof cache !== 'boolean')
    throw new ProblemError(400, 'RIG_BAD_REQUEST', '"cache" must be true or false, and false builds without the cache');
  const found = findUpload(core, findApp(core, params).id, id);
  const missing = await core.content.missing(chunksOf(found));
  if (missing.length > 0)
    throw new ProblemError(
      409,
      'RIG_UPLOAD_INCOMPLETE',
      `${missing.length} chunks of the upload ${id} are still missing`,
      {
        fix: 'send them first, or deploy again',
      },
    );
  return () => {
    // The app may have gone while the files were looked for.
    const app = findApp(core, params);
    const deployment = core.runtime.createDeployment(app, findUpload(core, app.id, id), !cache);
    const location = `/v1/networks/${app.network}/apps/${app.name}/deployments/${deployment.id}`;
    return { status: 202, body: deployment, headers: { location } };
  };
}

function noDeployment(id: string): ProblemError {
  return new ProblemError(404, 'RIG_DEPLOYMENT_NOT_FOUND', `the app has no deployment ${JSON.stringify(id)}`);
}

function pageRoute<T>(
  core: Core,
  what: 'deployments' | 'builds' | 'releases',
  schema: string,
  list: (app: AppRecord, page: PageRequest) => PageOf<T>,
): Route {
  return {
    method: 'GET',
    path: `/v1/networks/:network/apps/:app/${what}`,
    summary: `Lists the ${what} of an app, newest first.`,
    scope: 'read',
    query: PAGE_QUERY,
    answers: { 200: schema },
    problems: ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND'],
    handle: ({ params, query }) => {
      const page = { limit: limitOf(query), cursor: query.get('cursor') ?? undefined };
      return { status: 200, body: list(findApp(core, params), page) };
    },
  };
}

/** The routes of deployments, builds and releases. */
export function deploymentRoutes(core: Core): Route[] {
  const { runtime } = core;
  const base = '/v1/networks/:network/apps/:app';
  const notFound = ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND'] as const;
  return [
    pageRoute(core, 'deployments', 'DeploymentPage', (app, page) => runtime.listDeployments(app, page)),
    pageRoute(core, 'builds', 'BuildPage', (app, page) => runtime.listBuilds(app, page)),
    pageRoute(core, 'releases', 'ReleasePage', (app, page) => runtime.listReleases(app, page)),
    {
      method: 'POST',
      path: `${base}/deployments`,
      summary: 'Begins to build and release an upload of which nothing is missing.',
      scope: 'deploy',
      body: { kind: 'json', schema: 'CreateDeployment' },
      adds: true,
      answers: { 202: 'Deployment' },
      problems: [...notFound, 'RIG_UPLOAD_NOT_FOUND', 'RIG_UPLOAD_INCOMPLETE', 'RIG_DEPLOY_IN_PROGRESS'],
      handle: (request) => createDeployment(core, request),
    },
    {
      method: 'GET',
      path: `${base}/deployments/:id`,
      summary: 'Shows a deployment.',
      scope: 'read',
      answers: { 200: 'Deployment' },
      problems: [...notFound, 'RIG_DEPLOYMENT_NOT_FOUND'],
      etag: true,
      handle: ({ params }) => {
        const { id = '' } = params;
        const deployment = runtime.deployment(findApp(core, params), id);
        if (deployment === undefined) throw noDeployment(id);
        return { status: 200, body: deployment };
      },
    },
    {
      method: 'POST',
      path: `${base}/deployments/:id/cancel`,
      summary: 'Cancels a deployment; one that has ended is answered as it is.',
      scope: 'deploy',
      answers: { 200: 'Deployment' },
      problems: [...notFound, 'RIG_DEPLOYMENT_NOT_FOUND'],
      handle: async ({ params }) => {
        const { id = '' } = params;
        const deployment = await runtime.cancelDeployment(findApp(core, params), id);
        if (deployment === undefined) throw noDeployment(id);
        return { status: 200, body: deployment };
      },
    },
    {
      method: 'GET',
      path: `${base}/builds/:id`,
      summary: 'Shows a build.',
      scope: 'read',
      answers: { 200: 'Build' },
      problems: [...notFound, 'RIG_BUILD_NOT_FOUND'],
      etag: true,
      handle: ({ params }) => {
        const { id = '' } = params;
        const build = runtime.build(findApp(core, params), id);
        if (build === undefined)
          throw new ProblemError(404, 'RIG_BUILD_NOT_FOUND', `the app has no build ${JSON.stringify(id)}`);
        return { status: 200, body: build };
      },
    },
  ];
}
