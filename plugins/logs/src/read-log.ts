import { isRigError, type Services } from '@rig/plugin-api';
import { closedByMax, followRecords } from './follow.ts';
import { sayLinkStatus } from './link-status.ts';
import { recentRecords } from './recent.ts';
import type { LogRecord } from './record.ts';
import type { LogSource } from './sources.ts';

/** How a log is read. */
export interface ReadOptions {
  lines: number;
  follow: boolean;
  /** Finds the log; asked again when its channel was closed, to say what became of it. */
  find: () => Promise<LogSource>;
}

/** Channels that may close without a reason, one after the other, until following ends. */
const MOST_CLOSES = 3;

/** Reads a log: its most recent lines, and then what follows. */
export async function* readLog(services: Services, options: ReadOptions): AsyncGenerator<LogRecord> {
  const { lines, follow, find } = options;
  const { topic, path } = await find();
  if (!follow) {
    yield* recentRecords(await services.http(), path, lines);
    return;
  }
  const socket = await services.socket();
  const { signal, output } = services;
  let closes = 0;
  const onClosed = async (): Promise<void> => {
    closes += 1;
    const found = await find();
    if (found.topic !== topic || closes >= MOST_CLOSES) throw closedByMax(topic);
  };
  const stopSaying = sayLinkStatus(socket, output);
  try {
    yield* followRecords({ socket, topic, lines, signal, onClosed });
  } finally {
    stopSaying();
  }
  // Ctrl-C, and a reader that went away, end the command with the host's own reason.
  if (signal.aborted && isRigError(signal.reason)) throw signal.reason;
}
