import { isRigError, type Services } from '@rig/plugin-api';
import type { AppStatus, NetworkStatus } from '@rig/plugin-api/max';
import { appStatus, type Ref } from '../apps.ts';
import { fullName } from '../names.ts';
import { networkStatus } from '../networks.ts';
import { appOfId, networkOfId, Renamed } from './renamed.ts';
import { type WatchOptions, watchStatus } from './watch.ts';

/** Milliseconds after which figures are drawn anew. */
const DRAWN_MS = 2_000;

/** How an app fares, and again at each change. */
export async function* watchApp(services: Services, refOf: () => Promise<Ref>): AsyncGenerator<AppStatus> {
  const http = await services.http();
  const named = new Renamed(await refOf(), fullName, (id) => appOfId(http, id), services.output);
  const read = (): Promise<AppStatus> =>
    named.read(async (ref) => {
      const status = await appStatus(http, ref);
      return { status, id: status.app.id };
    });
  const counts = ({ metrics: _, ...rest }: AppStatus): unknown => rest;
  yield* watched(services, read, ({ app }) => `app:${app.id}`, optionsOf(services, counts));
}

/** Figures change all the time: for a person that is the point, a script waits for what happens. */
function optionsOf<T>(
  { output }: Services,
  counts: (value: T) => unknown,
): Pick<WatchOptions<T>, 'counts' | 'refreshMs'> {
  return output.fullScreen ? { refreshMs: DRAWN_MS } : { counts };
}

/** How a network fares, and again at each change. */
export async function* watchNetwork(services: Services, name: string): AsyncGenerator<NetworkStatus> {
  const http = await services.http();
  const named = new Renamed(name, String, (id) => networkOfId(http, id), services.output);
  const read = (): Promise<NetworkStatus> =>
    named.read(async (network) => {
      const status = await networkStatus(http, network);
      return { status, id: status.network.id };
    });
  const counts = ({ metrics: _, ...rest }: NetworkStatus): unknown => rest;
  yield* watched(services, read, ({ network }) => `network:${network.id}`, optionsOf(services, counts));
}

/** The first state says which id the name stands for, and so the topic. */
async function* watched<T>(
  services: Services,
  read: () => Promise<T>,
  topicOf: (value: T) => string,
  options: Pick<WatchOptions<T>, 'counts' | 'refreshMs'> = {},
): AsyncGenerator<T> {
  const { signal, output } = services;
  const first = await read();
  let given: T | undefined = first;
  const next = async (): Promise<T> => {
    const value = given ?? (await read());
    given = undefined;
    return value;
  };
  const socket = await services.socket();
  const note = (text: string): void => output.note(text);
  yield* watchStatus({ ...options, socket, topic: topicOf(first), read: next, note, signal });
  if (signal.aborted && isRigError(signal.reason)) throw signal.reason;
}
