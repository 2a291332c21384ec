import type { Channel, Socket } from '@rig/plugin-api';
import type {
  LogFailed,
  LogSelection,
  NetworkLogAck,
  NetworkLogBatch,
  NetworkLogGap,
  NetworkLogJoin,
  NetworkLogJoined,
  NetworkLogLine,
} from '@rig/plugin-api/max';
import { followFailed } from './failed.ts';
import { fresh, type Position } from './position.ts';
import type { NetworkLogRecord } from './record.ts';
import { isFiltered, resumed } from './selection.ts';

/** What is followed. */
export interface FollowNetworkOptions {
  socket: Socket;
  /** `logs:network:ID`. */
  topic: string;
  selection: LogSelection;
  /** `false`: what there is now. */
  follow: boolean;
  signal: AbortSignal;
  /** Called when the channel ended without a reason: throws why, or returns to join once more. */
  onClosed: () => Promise<void>;
}

/** How far the log of each app was handed over, by its id. */
type Positions = Map<string, Position>;

function positionOf(positions: Positions, appId: string): Position {
  const at = positions.get(appId) ?? { last: undefined };
  positions.set(appId, at);
  return at;
}

function* freshGap(
  { app, appId, gap }: NetworkLogGap,
  positions: Positions,
  filtered: boolean,
): Generator<NetworkLogRecord> {
  for (const record of fresh({ gap }, positionOf(positions, appId), filtered))
    if ('gap' in record) yield { app, appId, gap: record.gap };
}

function* freshLine(line: NetworkLogLine, positions: Positions, filtered: boolean): Generator<NetworkLogRecord> {
  const { app, appId } = line;
  for (const record of fresh({ lines: [line] }, positionOf(positions, appId), filtered))
    yield 'gap' in record ? { app, appId, gap: record.gap } : line;
}

async function* readChannel(
  channel: Channel<NetworkLogJoined>,
  positions: Positions,
  filtered: boolean,
): AsyncGenerator<NetworkLogRecord, boolean> {
  const due = Math.max(1, Math.floor(channel.joined.window / 4));
  let taken = 0;
  for await (const { event, payload } of channel.events<NetworkLogBatch | LogFailed>()) {
    if (event === 'end') return true;
    if (event === 'failed') throw followFailed(payload as LogFailed);
    if (event !== 'lines') continue;
    const batch = payload as NetworkLogBatch;
    if ('gap' in batch) {
      yield* freshGap(batch, positions, filtered);
      continue;
    }
    for (const line of batch.lines) {
      yield* freshLine(line, positions, filtered);
      // What came twice, after a link was cut, takes its part of the window all the same.
      taken += 1;
      if (taken < due) continue;
      channel.send('ack', { appId: line.appId, seq: line.seq } satisfies NetworkLogAck);
      taken = 0;
    }
    for (const [appId, through] of Object.entries(batch.through)) {
      const at = positionOf(positions, appId);
      at.last = Math.max(at.last ?? 0, through);
    }
  }
  return false;
}

/** Follows the logs of a network's apps by the sequence numbers of each: nothing lost and nothing twice, over every reconnect. */
export async function* followNetwork(options: FollowNetworkOptions): AsyncGenerator<NetworkLogRecord> {
  const { socket, topic, selection, follow, signal, onClosed } = options;
  const filtered = isFiltered(selection);
  const positions: Positions = new Map();
  let begin: Record<string, number> | undefined;
  let until: string | undefined;
  const params = (): NetworkLogJoin => {
    const shape = follow ? {} : { follow };
    if (begin === undefined) return { ...selection, ...shape };
    const after = { ...begin };
    for (const [appId, { last }] of positions) if (last !== undefined) after[appId] = last;
    // An app that was made meanwhile is shown whole: its first line is younger than all this.
    return { ...resumed(selection, until), since: LONG_AGO, after, ...shape };
  };
  for (;;) {
    const channel = await socket.join<NetworkLogJoined>(topic, params, { patient: true, overflow: 'window', signal });
    begin ??= channel.joined.after;
    until ??= channel.joined.until;
    try {
      if (yield* readChannel(channel, positions, filtered)) return;
    } finally {
      void channel.leave();
    }
    await onClosed();
  }
}

const LONG_AGO = '1970-01-01T00:00:00Z';
