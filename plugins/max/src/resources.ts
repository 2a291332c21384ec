import type { App, AppStatus, Network } from '@rig/plugin-api/max';
import type { Core } from './core.ts';
import { ProblemError } from './http/problem-error.ts';
import { DOMAIN } from './router/app-host.ts';
import type { AppRecord } from './store/apps.ts';
import type { NetworkRecord } from './store/networks.ts';

/** Where the router serves an app. */
export function urlOf(app: { name: string; network: string }, port: number): string {
  return `http://${app.name}.${app.network}.${DOMAIN}${port === 80 ? '' : `:${port}`}`;
}

/** A network as the API shows it. */
export function showNetwork(record: NetworkRecord): Network {
  const { id, name, apps, createdAt } = record;
  return { id, name, hostname: `${name}.${DOMAIN}`, apps, createdAt };
}

/** An app as the API shows it. */
export function showApp(core: Core, record: AppRecord): App {
  const { id, name, network, settings, createdAt, updatedAt } = record;
  const { state, release } = core.runtime.summary(record);
  const hostname = `${name}.${network}.${DOMAIN}`;
  const url = urlOf(record, core.port());
  return { id, name, network, hostname, url, state, release, settings, createdAt, updatedAt };
}

/** The last events of a network or an app as a status shows them. */
export function recentEvents(core: Core, of: { networkId?: string; appId?: string }): AppStatus['events'] {
  return core.events.recent(10, of).map(({ at, type, text }) => ({ at, type, text }));
}

/**
 * Finds a network by name.
 *
 * @throws ProblemError `RIG_NETWORK_NOT_FOUND` (404)
 */
export function findNetwork(core: Core, name: string): NetworkRecord {
  const network = core.networks.byName(name);
  if (network !== undefined) return network;
  throw new ProblemError(404, 'RIG_NETWORK_NOT_FOUND', `there is no network ${JSON.stringify(name)}`, {
    fix: `see the networks with: rig list networks; make it with: rig create network ${name}`,
  });
}

/**
 * Finds an app by the names in a path.
 *
 * @throws ProblemError `RIG_NETWORK_NOT_FOUND` or `RIG_APP_NOT_FOUND` (404)
 */
export function findApp(core: Core, params: Readonly<Record<string, string>>): AppRecord {
  const { network = '', app = '' } = params;
  const found = core.apps.byName(findNetwork(core, network).name, app);
  if (found !== undefined) return found;
  throw noSuchApp(network, app);
}

/**
 * The same of an app of this user: another's is as if it were not there.
 *
 * @throws ProblemError `RIG_NETWORK_NOT_FOUND` or `RIG_APP_NOT_FOUND` (404)
 */
export function findOwnApp(core: Core, params: Readonly<Record<string, string>>, userId: string): AppRecord {
  const app = findApp(core, params);
  if (core.networks.byId(app.networkId)?.ownerId === userId) return app;
  throw noSuchApp(app.network, app.name);
}

function noSuchApp(network: string, app: string): ProblemError {
  return new ProblemError(
    404,
    'RIG_APP_NOT_FOUND',
    `there is no app ${JSON.stringify(app)} in the network ${network}`,
    {
      fix: `see the apps with: rig list apps --network ${network}; make it with: rig create app ${app} --network ${network}`,
    },
  );
}
