import { ExitCode, type Http, RigError } from '@rig/plugin-api';
import {
  type App,
  type CreateNetwork,
  type Network,
  type NetworkDetails,
  type NetworkStatus,
  networkPath,
} from '@rig/plugin-api/max';
import { explain } from './explain.ts';
import { fullName } from './names.ts';
import { take } from './take.ts';

/** What a delete gives back. */
export interface Deleted {
  deleted: 'network' | 'app';
  /** `shop`, or `api.shop` for an app. */
  name: string;
}

const UNKNOWN = { RIG_NETWORK_NOT_FOUND: 'see which there are: rig list networks' };

/** Makes a network; Max names it where no name is given. */
export function createNetwork(http: Http, name: string | undefined): Promise<Network> {
  const body: CreateNetwork = name === undefined ? {} : { name };
  return explain({ RIG_NAME_TAKEN: 'choose another name, or see which there are: rig list networks' }, () =>
    http.post<Network>('/v1/networks', { json: body, idempotencyKey: true }),
  );
}

/** The networks by name, at most `limit`. */
export function listNetworks(http: Http, limit: number): Promise<Network[]> {
  return take(http.pages<Network>('/v1/networks'), limit);
}

/** One network. */
export function getNetwork(http: Http, network: string): Promise<Network> {
  return explain(UNKNOWN, () => http.get<Network>(networkPath(network)));
}

/** What empties a network. */
async function namingApps(http: Http, network: string): Promise<string> {
  const apps = await take(http.pages<App>(`${networkPath(network)}/apps`), 4);
  const commands = apps.slice(0, 3).map((app) => `rig delete app ${fullName({ app: app.name, network })}`);
  if (apps.length > 3) commands.push(`and so on, see: rig list apps --network ${network}`);
  return commands.length === 0
    ? 'try again: its last app is gone by now'
    : `delete its apps first: ${commands.join(', ')}`;
}

/**
 * Refuses a network with apps before anybody is asked whether to delete it.
 *
 * @throws RigError `RIG_NETWORK_NOT_EMPTY` (5), `RIG_NETWORK_NOT_FOUND` (3)
 */
export async function requireEmpty(http: Http, network: string): Promise<void> {
  const { apps } = await getNetwork(http, network);
  if (apps === 0) return;
  throw new RigError({
    code: 'RIG_NETWORK_NOT_EMPTY',
    message: `the network ${network} has ${apps === 1 ? 'an app' : `${apps} apps`}, and only an empty one is deleted`,
    hint: await namingApps(http, network),
    exitCode: ExitCode.Conflict,
  });
}

/** Deletes an empty network; one with apps is refused by Max, and the error names them. */
export async function deleteNetwork(http: Http, network: string): Promise<Deleted> {
  const hints = { ...UNKNOWN, RIG_NETWORK_NOT_EMPTY: () => namingApps(http, network) };
  await explain(hints, () => http.request('DELETE', networkPath(network), { idempotencyKey: true }));
  return { deleted: 'network', name: network };
}

/** How a network and its apps fare. */
export function networkStatus(http: Http, network: string): Promise<NetworkStatus> {
  return explain(UNKNOWN, () => http.get<NetworkStatus>(`${networkPath(network)}/status`));
}

/** The whole configuration of a network. */
export function networkDetails(http: Http, network: string): Promise<NetworkDetails> {
  return explain(UNKNOWN, () => http.get<NetworkDetails>(`${networkPath(network)}/details`));
}
