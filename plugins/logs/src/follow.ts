import type { Channel, Socket } from '@rig/plugin-api';
import type { LogAck, LogBatch, LogEnd, LogFailed, LogJoin, LogJoined, LogSelection } from '@rig/plugin-api/max';
import { followFailed } from './failed.ts';
import { fresh, type Position } from './position.ts';
import type { LogRecord } from './record.ts';
import { isFiltered, resumed } from './selection.ts';

/** What is followed. */
export interface FollowOptions {
  socket: Socket;
  /** `logs:app:ID` or `logs:build:ID`. */
  topic: string;
  /** Where to begin and to end, and which lines. */
  selection: LogSelection;
  signal: AbortSignal;
  /** Called where there is no line yet. */
  onEmpty?: () => void;
  /** Called when the channel ended without a reason: throws why, or returns to join once more. */
  onClosed: () => Promise<void>;
}

async function* readChannel(
  channel: Channel<LogJoined>,
  at: Position,
  filtered: boolean,
): AsyncGenerator<LogRecord, boolean> {
  // A quarter of the window: Max never has to stop for an acknowledgement that is on its way.
  const due = Math.max(1, Math.floor(channel.joined.window / 4));
  // A new join begins a new window.
  let taken = 0;
  for await (const { event, payload } of channel.events<LogBatch | LogEnd | LogFailed>()) {
    if (event === 'end') return true;
    if (event === 'failed') throw followFailed(payload as LogFailed);
    if (event !== 'lines') continue;
    const batch = payload as LogBatch;
    const ack = (seq: number): void => {
      if (taken < due) return;
      channel.send('ack', { seq } satisfies LogAck);
      taken = 0;
    };
    let skipped = 'lines' in batch ? batch.lines.length : 0;
    for (const record of fresh(batch, at, filtered)) {
      yield 'line' in record ? record.line : record;
      if ('line' in record) skipped -= 1;
      taken += 'line' in record ? 1 : record.gap.to - record.gap.from + 1;
      if (at.last !== undefined) ack(at.last);
    }
    // What came twice, after a link was cut, takes its part of the window all the same.
    taken += skipped;
    const end = 'lines' in batch ? batch.lines.at(-1)?.seq : undefined;
    if (end !== undefined) ack(end);
  }
  return false;
}

/**
 * Follows a log by sequence number: nothing lost and nothing twice, over every reconnect, and what Max no longer has is
 * an explicit gap. Lines are acknowledged once they are taken, so that a slow reader slows Max.
 *
 * Ends at the end of a build's log, or when `until` has passed.
 *
 * @throws what `signal` is aborted with
 */
export async function* followRecords(options: FollowOptions): AsyncGenerator<LogRecord> {
  const { socket, topic, selection, signal, onClosed } = options;
  const filtered = isFiltered(selection);
  const at: Position = { last: undefined };
  // Where the first line was to come from: a link that is cut before it must not lose what is written meanwhile.
  let begin: number | undefined;
  let until: string | undefined;
  const params = (): LogJoin => {
    const after = at.last ?? begin;
    return after === undefined ? selection : { ...resumed(selection, until), after };
  };
  for (;;) {
    const channel = await socket.join<LogJoined>(topic, params, { patient: true, overflow: 'window', signal });
    if (begin === undefined && channel.joined.last === 0) options.onEmpty?.();
    begin ??= channel.joined.after ?? Math.max(0, channel.joined.last - (selection.lines ?? 0));
    until ??= channel.joined.until;
    try {
      if (yield* readChannel(channel, at, filtered)) return;
    } finally {
      void channel.leave();
    }
    await onClosed();
  }
}
