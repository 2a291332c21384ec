import { ExitCode, isRigError, RigError, type Services } from '@rig/plugin-api';
import type { LogSelection } from '@rig/plugin-api/max';
import { closedByMax } from './failed.ts';
import { followRecords } from './follow.ts';
import { recentRecords } from './recent.ts';
import type { LogRecord } from './record.ts';
import type { LogSource } from './sources.ts';

/** How a log is read. */
export interface ReadOptions {
  selection: LogSelection;
  follow: boolean;
  /** Finds the log; asked again when its channel was closed, to say what became of it. */
  find: () => Promise<LogSource>;
}

/** Channels that may close without a reason, one after the other, until following ends. */
const MOST_CLOSES = 3;

/** Reads a log: its most recent lines, and then what follows. */
export async function* readLog(services: Services, options: ReadOptions): AsyncGenerator<LogRecord> {
  const { selection, follow, find } = options;
  const { signal, output } = services;
  const { topic, path } = await find();
  if (!follow) {
    let empty = selection.lines !== 0;
    for await (const record of recentRecords(await services.http(), path, selection)) {
      empty = false;
      yield record;
    }
    if (empty) output.note('No lines yet');
    return;
  }
  const socket = await services.socket();
  let closes = 0;
  const onClosed = async (): Promise<void> => {
    closes += 1;
    const found = await find();
    if (found.topic !== topic) throw madeAnew(topic);
    if (closes >= MOST_CLOSES) throw closedByMax(topic);
  };
  const onEmpty = (): void => output.note('No lines yet; new ones are shown as they are written, until Ctrl-C');
  try {
    yield* followRecords({ socket, topic, selection, signal, onClosed, onEmpty });
  } catch (error) {
    throw asDeleted(error);
  }
  // Ctrl-C, and a reader that went away, end the command with the host's own reason.
  if (signal.aborted && isRigError(signal.reason)) throw signal.reason;
}

/** What was there when following began is not there any more: its code says what. Another error as it is. */
export function asDeleted(error: unknown): unknown {
  if (!isRigError(error) || error.exitCode !== ExitCode.NotFound) return error;
  const { code, message, hint, exitCode, requestId } = error;
  const ids = requestId === undefined ? {} : { requestId };
  const text = `${message}; it was deleted while its log was followed`;
  return new RigError({ code, message: text, ...(hint === undefined ? {} : { hint }), exitCode, ...ids, cause: error });
}

/** The name leads to another app now. */
function madeAnew(topic: string): RigError {
  return new RigError({
    code: 'RIG_APP_NOT_FOUND',
    message: `the app of ${topic} was deleted while its log was followed; there is a new one of its name`,
    hint: 'run the command again to follow the new one',
    exitCode: ExitCode.NotFound,
  });
}
