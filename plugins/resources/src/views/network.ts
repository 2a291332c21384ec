import { type Block, list, value } from '@rig/plugin-api';
import type { Network, NetworkDetails, NetworkStatus } from '@rig/plugin-api/max';
import type { Deleted } from '../networks.ts';
import { eventsBlock } from './events.ts';
import { when } from './format.ts';
import { recentCells } from './recent.ts';

/** A network right after it was made. */
export const createdNetwork = value<Network>(
  (network) => [
    `Created network ${network.name}`,
    { fields: [['hostname', network.hostname]] },
    `Next: rig create app api --network ${network.name}`,
  ],
  (network) => network.name,
);

/** Networks as a table. */
export const networkList = list<Network>({
  columns: [
    { header: 'NAME', value: (network) => network.name },
    { header: 'HOSTNAME', value: (network) => network.hostname },
    { header: 'APPS', value: (network) => network.apps, align: 'right' },
    { header: 'CREATED', value: (network) => when(network.createdAt) },
  ],
  name: (network) => network.name,
  empty: 'No networks yet. Make one: rig create network shop',
});

/** What was deleted. */
export const deletedView = value<Deleted>(
  (gone) => [`Deleted ${gone.deleted} ${gone.name}.`],
  (gone) => gone.name,
);

/** How a network and its apps fare. */
export const networkStatusView = value<NetworkStatus>(
  ({ network, apps, metrics, events }): Block[] => [
    {
      fields: [
        ['network', network.name],
        ['hostname', network.hostname],
        ['apps', network.apps],
      ],
    },
    apps.length === 0
      ? `No apps yet. Make one: rig create app api --network ${network.name}`
      : {
          columns: ['APP', 'STATE', 'RELEASE', 'REQ/S', 'CPU', 'MEMORY', 'URL'],
          rows: apps.map((app) => [
            ...[app.name, app.state, app.release === null ? null : `v${app.release}`],
            ...recentCells(metrics?.[app.id]),
            app.url,
          ]),
        },
    ...eventsBlock(events),
  ],
  ({ network }) => network.name,
);

/** The whole configuration of a network. */
export const networkDetailsView = value<NetworkDetails>(
  ({ network, owner, apps }) => [
    {
      fields: [
        ['network', network.name],
        ['id', network.id],
        ['hostname', network.hostname],
        ['owner', owner],
        ['created', when(network.createdAt)],
        ['apps', apps.length === 0 ? 'none' : apps.join(', ')],
      ],
    },
  ],
  ({ network }) => network.name,
);
