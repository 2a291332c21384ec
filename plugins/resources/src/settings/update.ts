import { ExitCode, RigError, type Services } from '@rig/plugin-api';
import {
  type App,
  type AppState,
  appPath,
  type Network,
  networkPath,
  type UpdateApp,
  type UpdateNetwork,
} from '@rig/plugin-api/max';
import { getApp, type Ref, unknown } from '../apps.ts';
import { explain } from '../explain.ts';
import { fullName } from '../names.ts';
import { type Change, changesOf } from './changes.ts';
import { warnOfOldApp, warnOfOldNetwork } from './stale-defaults.ts';

/** What an update of an app gives back. */
export interface UpdatedApp {
  /** Its name now. */
  app: string;
  network: string;
  url: string;
  state: AppState;
  changes: Change[];
}

/** What an update of a network gives back. */
export interface UpdatedNetwork {
  /** Its name now. */
  network: string;
  hostname: string;
  changes: Change[];
}

/**
 * Refuses an update that says nothing to change.
 *
 * @throws RigError `RIG_USAGE` (2)
 */
export function requireChange(given: object, what: 'app' | 'network', options: readonly string[]): void {
  if (Object.keys(given).length > 0) return;
  throw new RigError({
    code: 'RIG_USAGE',
    message: `rig update ${what} is not told what to change: ${options.join(', ')}`,
    hint: `rig update ${what} --help`,
    exitCode: ExitCode.Usage,
  });
}

const renamed = (from: string, to: string): Change[] =>
  from === to ? [] : [{ setting: 'name', from, to, takesEffect: 'now' }];

/** Changes an app, and says what that was; another name is asked for unless `yes`. */
export async function updateApp(services: Services, ref: Ref, patch: UpdateApp, yes: boolean): Promise<UpdatedApp> {
  const http = await services.http();
  const before = await getApp(http, ref);
  const old = fullName(ref);
  const { name = ref.app } = patch;
  const wanted = fullName({ app: name, network: ref.network });
  if (wanted !== old && !yes)
    await services.prompt.confirmByName(
      `Rename the app ${old} to ${wanted}? Its URL changes, and nothing answers under the old one.`,
      old,
    );
  const hints = {
    ...unknown(ref),
    RIG_NAME_TAKEN: `choose another name; see which there are: rig list apps --network ${ref.network}`,
  };
  const { data } = await explain(hints, () =>
    http.request<App>('PATCH', appPath(ref), { json: patch, idempotencyKey: true }),
  );
  if (wanted !== old) warnOfOldApp(services, await services.config(), { app: ref.app, network: ref.network }, wanted);
  const changes = [...renamed(before.name, data.name), ...changesOf(before.settings, data.settings)];
  return { app: data.name, network: data.network, url: data.url, state: data.state, changes };
}

/** Changes a network, and says what that was; another name is asked for unless `yes`. */
export async function updateNetwork(
  services: Services,
  network: string,
  patch: UpdateNetwork,
  yes: boolean,
): Promise<UpdatedNetwork> {
  const http = await services.http();
  const hints = {
    RIG_NETWORK_NOT_FOUND: 'see which there are: rig list networks',
    RIG_NAME_TAKEN: 'choose another name; see which there are: rig list networks',
  };
  const before = await explain(hints, () => http.get<Network>(networkPath(network)));
  const { name = network } = patch;
  const apps =
    before.apps === 0
      ? ''
      : ` The URLs of its ${before.apps === 1 ? 'app' : `${before.apps} apps`} change, and nothing answers under the old ones.`;
  if (name !== network && !yes)
    await services.prompt.confirmByName(`Rename the network ${network} to ${name}?${apps}`, network);
  const { data } = await explain(hints, () =>
    http.request<Network>('PATCH', networkPath(network), { json: patch, idempotencyKey: true }),
  );
  if (name !== network) warnOfOldNetwork(services, await services.config(), network, name);
  return { network: data.name, hostname: data.hostname, changes: renamed(before.name, data.name) };
}
