import type { Services } from '@rig/plugin-api';
import type { EventPage, Network, WhoAmI } from '@rig/plugin-api/max';
import { networkPath } from '@rig/plugin-api/max';
import { appFilter } from './model/filter.ts';
import { type DashboardSelection, sampleReader } from './model/live-dashboard.ts';
import { askPanels } from './model/panels.ts';
import { appsOf, type DashboardSnapshot, totalsOf } from './model/snapshot.ts';

const EVENTS = 20;

/** Everything as it is now, asked by HTTP. @throws RigError of the network's name, of signing in, `RIG_UNREACHABLE` */
export async function readSnapshot(
  services: Pick<Services, 'config' | 'http' | 'signal' | 'fire'>,
  { network, filter }: DashboardSelection,
): Promise<DashboardSnapshot> {
  const { signal } = services;
  const [config, http] = await Promise.all([services.config(), services.http()]);
  const scope = network === undefined ? undefined : await http.get<Network>(networkPath(network), { signal });
  const query = { limit: EVENTS, ...(scope === undefined ? {} : { network: scope.id }) };
  const [{ user }, sample, { events }] = await Promise.all([
    http.get<WhoAmI>('/v1/whoami', { signal }),
    sampleReader(http, network)(signal),
    http.get<EventPage>('/v1/events', { query, signal }),
  ]);
  const apps = appsOf(sample).filter(appFilter(filter ?? ''));
  const target = config.target();
  const snapshot: DashboardSnapshot = {
    at: sample.at,
    context: target.context ?? null,
    server: target.server,
    user: user.name,
    network: network ?? null,
    filter: filter ?? null,
    connection: { state: 'polling', reason: null, since: new Date().toISOString() },
    totals: totalsOf(apps),
    apps,
    events: events.reverse(),
    panels: [],
  };
  return { ...snapshot, panels: await askPanels(services.fire, { snapshot, series: () => undefined }) };
}
