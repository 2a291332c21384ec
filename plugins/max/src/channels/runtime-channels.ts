import type { Deployment } from '@rig/plugin-api/max';
import type { BuildRows } from '../deployments/build-rows.ts';
import type { DeploymentBoard } from '../deployments/deployment-board.ts';
import type { DeploymentRow, DeploymentRows } from '../deployments/deployment-rows.ts';
import type { EventLog } from '../events.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { ChannelFactory } from '../socket/contract.ts';
import type { AppRecord, Apps } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import type { SocketAssigns } from './assigns.ts';
import { DeploymentChannel, type DeploymentChannelOptions } from './deployment-channel.ts';
import { LogChannel, type LogChannelOptions } from './log-channel.ts';
import { NetworkLogChannel, type NetworkLogOptions } from './network-log-channel.ts';
import type { JoinRefusal } from './refusal.ts';

/** What the runtime's channels look into. */
export interface RuntimeChannelOptions {
  database: Database;
  events: EventLog;
  apps: Apps;
  deployments: DeploymentRows;
  builds: BuildRows;
  logs: LogStore;
  board: DeploymentBoard;
  show(app: AppRecord, row: DeploymentRow): Deployment;
}

/** The channels of deployments and logs, each for the user that the app belongs to. */
export function runtimeChannels(
  options: RuntimeChannelOptions,
): ReadonlyArray<readonly [string, ChannelFactory<SocketAssigns>]> {
  const { database, events, apps, deployments, builds, logs, board, show } = options;

  /** The app, where this user may read it; another's is as if it were not there. */
  const appOf = (assigns: SocketAssigns, appId: string | undefined): AppRecord | JoinRefusal => {
    if (!assigns.scopes.includes('read')) return 'forbidden';
    const app = appId === undefined ? undefined : apps.byId(appId);
    if (app === undefined) return 'not_found';
    const owner = database.get<{ id: string }>('SELECT owner_id AS id FROM networks WHERE id = ?', [app.networkId]);
    return owner?.id === assigns.userId ? app : 'not_found';
  };

  const findDeployment: DeploymentChannelOptions['find'] = (assigns, id) => {
    const row = deployments.byId(id);
    const app = appOf(assigns, row?.appId);
    return typeof app === 'string' ? app : { deployment: show(app, row!), appId: app.id };
  };

  const findLog: LogChannelOptions['find'] = (assigns, topic) => {
    const [, kind, id = ''] = topic.split(':');
    if (kind === 'app') {
      const app = appOf(assigns, id);
      return typeof app === 'string' ? app : { log: logs.app(app.id), appId: app.id, ended: () => false };
    }
    if (kind !== 'build') return 'not_found';
    const build = builds.byId(id);
    const app = appOf(assigns, build?.appId);
    if (typeof app === 'string') return app;
    return { log: logs.build(id), appId: app.id, ended: () => builds.byId(id)?.state !== 'running' };
  };

  const findNetwork: NetworkLogOptions['find'] = (assigns, id) => {
    if (!assigns.scopes.includes('read')) return 'forbidden';
    const owner = database.get<{ id: string }>('SELECT owner_id AS id FROM networks WHERE id = ?', [id]);
    return owner?.id === assigns.userId ? { id, apps: () => apps.ofNetwork(id) } : 'not_found';
  };

  return [
    ['deployment:*', () => new DeploymentChannel({ board, events, find: findDeployment })],
    ['logs:network:*', () => new NetworkLogChannel({ events, find: findNetwork, logOf: (id) => logs.app(id) })],
    ['logs:*', () => new LogChannel({ events, find: findLog })],
  ];
}
