import type { App, NetworkDetails, NetworkStatus, RecentMetrics } from '@rig/plugin-api/max';
import type { Core } from '../../core.ts';
import { goodName, inventName } from '../../names.ts';
import { findNetwork, recentEvents, showApp, showNetwork } from '../../resources.ts';
import type { NetworkRecord } from '../../store/networks.ts';
import { renameNetwork } from '../../updates.ts';
import { readNetworkUpdate } from '../app-update.ts';
import { checkMatch } from '../etag.ts';
import { limitOf, pageOf, readCursor } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { Route, RouteRequest } from '../route.ts';
import { PAGE_QUERY } from './shapes.ts';

function createNetwork(core: Core, { body, principal }: RouteRequest): NetworkRecord {
  const { name: wanted } = body as { name?: unknown };
  // A null is what a client may send for "none".
  const given = wanted !== undefined && wanted !== null;
  const name = given ? goodName(wanted, 'network') : inventName();
  const network = core.networks.create(name, principal.user.id);
  if (network === undefined)
    throw new ProblemError(409, 'RIG_NAME_TAKEN', `there is a network ${name} already`, {
      fix: `choose another name, or use it: rig status network ${name}`,
    });
  core.events.append({ type: 'network.created', network, text: `network ${name} was created` });
  return network;
}

/** What each app that has a release used and answered in the last minute. */
function recentOf({ metrics }: Core, apps: readonly App[]): Record<string, RecentMetrics> {
  const recent: Record<string, RecentMetrics> = {};
  for (const { id, release } of apps) {
    const found = release === null ? null : metrics.recent(id);
    if (found !== null) recent[id] = found;
  }
  return recent;
}

function patchNetwork(core: Core, request: RouteRequest): NetworkRecord {
  const network = findNetwork(core, request.params.network ?? '');
  checkMatch(request.header('if-match'), showNetwork(network), `the network ${network.name}`);
  return renameNetwork(core, network, readNetworkUpdate(request.body).name);
}

function deleteNetwork(core: Core, request: RouteRequest): void {
  const network = findNetwork(core, request.params.network ?? '');
  checkMatch(request.header('if-match'), showNetwork(network), `the network ${network.name}`);
  if (network.apps > 0)
    throw new ProblemError(
      409,
      'RIG_NETWORK_NOT_EMPTY',
      `the network ${network.name} has ${network.apps === 1 ? 'an app' : `${network.apps} apps`}, and only an empty one is deleted`,
      { fix: `delete its apps first; see them with: rig list apps --network ${network.name}` },
    );
  core.networks.remove(network.id);
  core.database.afterCommit(() => {
    void core.sessions.endOf({ networkId: network.id }).then(() => core.networkPlaces.remove(network));
  });
  core.events.append({ type: 'network.deleted', network, text: `network ${network.name} was deleted` });
}

/** The routes of networks. */
export function networkRoutes(core: Core): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/networks',
      summary: 'Lists networks by name.',
      scope: 'read',
      query: PAGE_QUERY,
      answers: { 200: 'NetworkPage' },
      handle: ({ query }) => {
        const limit = limitOf(query);
        const [after = ''] = readCursor(query, 1);
        const rows = core.networks.page(after, limit + 1);
        return { status: 200, body: pageOf(rows, limit, showNetwork, (row) => [row.name]) };
      },
    },
    {
      method: 'POST',
      path: '/v1/networks',
      summary: 'Makes a network; Max makes a name where none is given.',
      scope: 'deploy',
      body: { kind: 'json', schema: 'CreateNetwork', optional: true },
      adds: true,
      answers: { 201: 'Network' },
      problems: ['RIG_NAME_TAKEN', 'RIG_BAD_NAME'],
      etag: true,
      handle: (request) => () => {
        const network = showNetwork(createNetwork(core, request));
        return { status: 201, body: network, headers: { location: `/v1/networks/${network.name}` } };
      },
    },
    {
      method: 'GET',
      path: '/v1/networks/:network',
      summary: 'Shows a network.',
      scope: 'read',
      answers: { 200: 'Network' },
      problems: ['RIG_NETWORK_NOT_FOUND'],
      etag: true,
      handle: ({ params }) => ({ status: 200, body: showNetwork(findNetwork(core, params.network ?? '')) }),
    },
    {
      method: 'PATCH',
      path: '/v1/networks/:network',
      summary: 'Gives a network another name.',
      scope: 'deploy',
      body: { kind: 'json', schema: 'UpdateNetwork' },
      answers: { 200: 'Network' },
      problems: ['RIG_NETWORK_NOT_FOUND', 'RIG_STALE', 'RIG_BAD_NAME', 'RIG_NAME_TAKEN', 'RIG_DEPLOY_IN_PROGRESS'],
      etag: true,
      handle: (request) => () => ({ status: 200, body: showNetwork(patchNetwork(core, request)) }),
    },
    {
      method: 'DELETE',
      path: '/v1/networks/:network',
      summary: 'Deletes a network without apps.',
      scope: 'deploy',
      answers: { 204: null },
      problems: ['RIG_NETWORK_NOT_FOUND', 'RIG_NETWORK_NOT_EMPTY', 'RIG_STALE'],
      handle: (request) => () => {
        deleteNetwork(core, request);
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/v1/networks/:network/status',
      summary: 'Tells how a network and its apps fare.',
      scope: 'read',
      answers: { 200: 'NetworkStatus' },
      problems: ['RIG_NETWORK_NOT_FOUND'],
      handle: ({ params }) => {
        const network = findNetwork(core, params.network ?? '');
        const apps = core.apps.ofNetwork(network.id).map((app) => showApp(core, app));
        const events = recentEvents(core, { networkId: network.id });
        const metrics = recentOf(core, apps);
        return { status: 200, body: { network: showNetwork(network), apps, metrics, events } satisfies NetworkStatus };
      },
    },
    {
      method: 'GET',
      path: '/v1/networks/:network/details',
      summary: 'Shows the whole configuration of a network.',
      scope: 'read',
      answers: { 200: 'NetworkDetails' },
      problems: ['RIG_NETWORK_NOT_FOUND'],
      handle: ({ params }) => {
        const network = findNetwork(core, params.network ?? '');
        const apps = core.apps.ofNetwork(network.id).map((app) => app.name);
        const details: NetworkDetails = { network: showNetwork(network), owner: network.owner, apps };
        return { status: 200, body: details };
      },
    },
  ];
}
