import type { AppDetails, AppStatus } from '@rig/plugin-api/max';
import { clearApp, forgetApp } from '../../app-removal.ts';
import type { Core } from '../../core.ts';
import { goodName } from '../../names.ts';
import { findApp, findNetwork, recentEvents, showApp } from '../../resources.ts';
import type { AppRecord } from '../../store/apps.ts';
import { updateApp } from '../../updates.ts';
import { readAppUpdate } from '../app-update.ts';
import { checkMatch } from '../etag.ts';
import { limitOf, pageOf, readCursor } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { Commit, Route, RouteRequest } from '../route.ts';
import { PAGE_QUERY } from './shapes.ts';

function createApp(core: Core, { body, params }: RouteRequest): AppRecord {
  const network = findNetwork(core, params.network ?? '');
  const name = goodName((body as { name?: unknown }).name, 'app');
  const app = core.apps.create(network.id, name);
  if (app === undefined)
    throw new ProblemError(409, 'RIG_NAME_TAKEN', `the network ${network.name} has an app ${name} already`, {
      fix: `choose another name, or use it: rig status app ${name}.${network.name}`,
    });
  core.events.append({ type: 'app.created', network, app, text: `app ${name}.${network.name} was created` });
  return app;
}

function patchApp(core: Core, request: RouteRequest): AppRecord {
  const app = findApp(core, request.params);
  checkMatch(request.header('if-match'), showApp(core, app), `the app ${app.name}.${app.network}`);
  return updateApp(core, app, readAppUpdate(request.body, app.settings));
}

async function deleteApp(core: Core, request: RouteRequest): Promise<Commit> {
  const { id } = findApp(core, request.params);
  return await core.line.run(id, async () => {
    const app = findApp(core, request.params);
    checkMatch(request.header('if-match'), showApp(core, app), `the app ${app.name}.${app.network}`);
    await clearApp(core, app);
    return () => {
      forgetApp(core, app);
      return { status: 204 };
    };
  });
}

/** The routes of apps. */
export function appRoutes(core: Core): Route[] {
  const notFound = ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND'] as const;
  const show = (app: AppRecord) => showApp(core, app);
  return [
    {
      method: 'GET',
      path: '/v1/apps',
      summary: 'Lists the apps of all networks, by network and name.',
      scope: 'read',
      query: PAGE_QUERY,
      answers: { 200: 'AppPage' },
      handle: ({ query }) => {
        const limit = limitOf(query);
        const [network = '', name = ''] = readCursor(query, 2);
        const rows = core.apps.page({ network, name }, limit + 1);
        return { status: 200, body: pageOf(rows, limit, show, (app) => [app.network, app.name]) };
      },
    },
    {
      method: 'GET',
      path: '/v1/networks/:network/apps',
      summary: 'Lists the apps of a network by name.',
      scope: 'read',
      query: PAGE_QUERY,
      answers: { 200: 'AppPage' },
      problems: ['RIG_NETWORK_NOT_FOUND'],
      handle: ({ params, query }) => {
        const limit = limitOf(query);
        const [after = ''] = readCursor(query, 1);
        const { id } = findNetwork(core, params.network ?? '');
        const rows = core.apps.pageOfNetwork(id, after, limit + 1);
        return { status: 200, body: pageOf(rows, limit, show, (app) => [app.name]) };
      },
    },
    {
      method: 'POST',
      path: '/v1/networks/:network/apps',
      summary: 'Makes an app.',
      scope: 'deploy',
      body: { kind: 'json', schema: 'CreateApp' },
      adds: true,
      answers: { 201: 'App' },
      problems: ['RIG_NETWORK_NOT_FOUND', 'RIG_NAME_TAKEN', 'RIG_BAD_NAME'],
      etag: true,
      handle: (request) => () => {
        const app = showApp(core, createApp(core, request));
        return { status: 201, body: app, headers: { location: `/v1/networks/${app.network}/apps/${app.name}` } };
      },
    },
    {
      method: 'GET',
      path: '/v1/networks/:network/apps/:app',
      summary: 'Shows an app.',
      scope: 'read',
      answers: { 200: 'App' },
      problems: notFound,
      etag: true,
      handle: ({ params }) => ({ status: 200, body: show(findApp(core, params)) }),
    },
    {
      method: 'PATCH',
      path: '/v1/networks/:network/apps/:app',
      summary: "Changes an app's settings or its name.",
      scope: 'deploy',
      body: { kind: 'json', schema: 'UpdateApp' },
      answers: { 200: 'App' },
      problems: [...notFound, 'RIG_STALE', 'RIG_BAD_NAME', 'RIG_NAME_TAKEN', 'RIG_DEPLOY_IN_PROGRESS'],
      etag: true,
      handle: (request) => () => ({ status: 200, body: show(patchApp(core, request)) }),
    },
    {
      method: 'DELETE',
      path: '/v1/networks/:network/apps/:app',
      summary: 'Stops an app and removes it with its data.',
      scope: 'deploy',
      answers: { 204: null },
      problems: [...notFound, 'RIG_STALE'],
      handle: (request) => deleteApp(core, request),
    },
    {
      method: 'GET',
      path: '/v1/networks/:network/apps/:app/status',
      summary: 'Tells how an app and its instances fare.',
      scope: 'read',
      answers: { 200: 'AppStatus' },
      problems: notFound,
      handle: async ({ params }) => {
        const app = findApp(core, params);
        const status = await core.runtime.status(app);
        const events = recentEvents(core, { appId: app.id });
        const body: AppStatus = { app: show(app), ...status, events, metrics: core.metrics.recent(app.id) };
        return { status: 200, body };
      },
    },
    {
      method: 'GET',
      path: '/v1/networks/:network/apps/:app/details',
      summary: 'Shows the whole configuration of an app.',
      scope: 'read',
      answers: { 200: 'AppDetails' },
      problems: notFound,
      handle: async ({ params }) => {
        const app = findApp(core, params);
        const body: AppDetails = { app: show(app), ...(await core.runtime.details(app)) };
        return { status: 200, body };
      },
    },
  ];
}
