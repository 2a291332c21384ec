import { isRigError, type Services } from '@rig/plugin-api';
import type { AppStatus, NetworkStatus } from '@rig/plugin-api/max';
import { appStatus, type Ref } from '../apps.ts';
import { fullName } from '../names.ts';
import { networkStatus } from '../networks.ts';
import { appOfId, networkOfId, Renamed } from './renamed.ts';
import { watchStatus } from './watch.ts';

/** How an app fares, and again at each change. */
export async function* watchApp(services: Services, refOf: () => Promise<Ref>): AsyncGenerator<AppStatus> {
  const http = await services.http();
  const named = new Renamed(await refOf(), fullName, (id) => appOfId(http, id), services.output);
  const read = (): Promise<AppStatus> =>
    named.read(async (ref) => {
      const status = await appStatus(http, ref);
      return { status, id: status.app.id };
    });
  yield* watched(services, read, ({ app }) => `app:${app.id}`);
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
  yield* watched(services, read, ({ network }) => `network:${network.id}`);
}

/** The first state says which id the name stands for, and so the topic. */
async function* watched<T>(
  services: Services,
  read: () => Promise<T>,
  topicOf: (value: T) => string,
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
  yield* watchStatus({ socket, topic: topicOf(first), read: next, note, signal });
  if (signal.aborted && isRigError(signal.reason)) throw signal.reason;
}
