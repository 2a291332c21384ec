import type { Core } from './core.ts';
import { placeOf } from './events.ts';
import { changedNames, type Update } from './http/app-update.ts';
import { ProblemError } from './http/problem-error.ts';
import type { AppRecord } from './store/apps.ts';
import type { NetworkRecord } from './store/networks.ts';

/**
 * Changes an app's settings, and its name where another is given; in the caller's transaction. What is as it was already
 * changes nothing.
 *
 * @throws ProblemError `RIG_NAME_TAKEN`, `RIG_DEPLOY_IN_PROGRESS` (409)
 */
export function updateApp(core: Core, app: AppRecord, update: Update): AppRecord {
  const { settings, name = app.name } = update;
  const names = changedNames(app.settings, settings);
  if (name === app.name && names.length === 0) return app;
  if (name !== app.name) core.runtime.beforeRename(app);
  if (!core.apps.update(app.id, name, settings))
    throw new ProblemError(409, 'RIG_NAME_TAKEN', `the network ${app.network} has an app ${name} already`, {
      fix: 'choose another name',
    });
  const full = `${app.name}.${app.network}`;
  const told = [
    ...(name === app.name ? [] : [`app ${full} is ${name}.${app.network} from now on`]),
    ...(names.length === 0 ? [] : [`settings of app ${full} changed: ${names.join(', ')}`]),
  ];
  core.events.append({ type: 'app.updated', ...placeOf({ ...app, name }), text: told.join('; ') });
  if (names.some((changed) => changed.startsWith('logs.')))
    core.database.afterCommit(() => core.runtime.limitLogs(app.id));
  return core.apps.byId(app.id) ?? app;
}

/**
 * Gives a network another name, and with it its apps another hostname; in the caller's transaction.
 *
 * @throws ProblemError `RIG_NAME_TAKEN`, `RIG_DEPLOY_IN_PROGRESS` (409)
 */
export function renameNetwork(core: Core, network: NetworkRecord, name: string | undefined): NetworkRecord {
  if (name === undefined || name === network.name) return network;
  for (const app of core.apps.ofNetwork(network.id)) core.runtime.beforeRename(app);
  if (!core.networks.rename(network.id, name))
    throw new ProblemError(409, 'RIG_NAME_TAKEN', `there is a network ${name} already`, { fix: 'choose another name' });
  const text = `network ${network.name} is ${name} from now on`;
  core.events.append({ type: 'network.updated', network: { id: network.id, name }, text });
  return { ...network, name };
}
