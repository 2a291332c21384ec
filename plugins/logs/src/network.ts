import { ExitCode, isRigError, RigError, type Services } from '@rig/plugin-api';
import { type LogSelection, type Network, networkPath } from '@rig/plugin-api/max';
import { closedByMax } from './failed.ts';
import { followNetwork } from './network-follow.ts';
import { asDeleted } from './read-log.ts';
import type { NetworkLogRecord } from './record.ts';

/** Which network's log is read, and how. */
export interface NetworkOptions {
  network: string;
  selection: LogSelection;
  follow: boolean;
}

/** Channels that may close without a reason, one after the other, until following ends. */
const MOST_CLOSES = 3;

/** Reads the logs of a network's apps as one. @throws RigError `RIG_NETWORK_NOT_FOUND` (3) */
export async function* networkRecords(services: Services, options: NetworkOptions): AsyncGenerator<NetworkLogRecord> {
  const { network, selection, follow } = options;
  const http = await services.http();
  const idOf = async (): Promise<string> => {
    try {
      return (await http.get<Network>(networkPath(network))).id;
    } catch (error) {
      throw explained(error);
    }
  };
  const id = await idOf();
  const topic = `logs:network:${id}`;
  const socket = await services.socket();
  const { signal } = services;
  let closes = 0;
  const onClosed = async (): Promise<void> => {
    closes += 1;
    if ((await idOf()) !== id) throw madeAnew(network);
    if (closes >= MOST_CLOSES) throw closedByMax(topic);
  };
  try {
    yield* followNetwork({ socket, topic, selection, follow, signal, onClosed });
  } catch (error) {
    throw asDeleted(error);
  }
  // Ctrl-C, and a reader that went away, end the command with the host's own reason.
  if (signal.aborted && isRigError(signal.reason)) throw signal.reason;
}

function explained(error: unknown): unknown {
  if (!isRigError(error) || error.code !== 'RIG_NETWORK_NOT_FOUND') return error;
  const { code, message, exitCode, requestId } = error;
  const ids = requestId === undefined ? {} : { requestId };
  return new RigError({
    code,
    message,
    exitCode,
    hint: 'see which there are: rig list networks',
    ...ids,
    cause: error,
  });
}

/** The name leads to another network now. */
function madeAnew(network: string): RigError {
  return new RigError({
    code: 'RIG_NETWORK_NOT_FOUND',
    message: `the network ${network} was deleted while its log was followed; there is a new one of its name`,
    hint: 'run the command again to follow the new one',
    exitCode: ExitCode.NotFound,
  });
}
