import { type Channel, ExitCode, RigError, type Socket } from '@rig/plugin-api';
import type { LogAck, LogBatch, LogEnd, LogJoin, LogJoined } from '@rig/plugin-api/max';
import type { LogRecord } from './record.ts';

/** What is followed. */
export interface FollowOptions {
  socket: Socket;
  /** `logs:app:ID` or `logs:build:ID`. */
  topic: string;
  /** Begin with that many of the most recent lines. */
  lines: number;
  signal: AbortSignal;
  /** Called where there is no line yet. */
  onEmpty?: () => void;
  /** Called when the channel ended without a reason: throws why, or returns to join once more. */
  onClosed: () => Promise<void>;
}

interface Position {
  /** Sequence number of the last line that was handed over; `undefined` before the first. */
  last: number | undefined;
  /** What Max was told. */
  acked: number;
}

/** The records of a batch that were not handed over yet, with a gap wherever a number is missing. */
function* fresh(batch: LogBatch, at: Position): Generator<LogRecord> {
  if ('gap' in batch) {
    const { from, to } = batch.gap;
    if (at.last === undefined || to > at.last) yield { gap: { from: Math.max(from, (at.last ?? 0) + 1), to } };
    at.last = Math.max(at.last ?? 0, to);
    return;
  }
  for (const line of batch.lines) {
    if (at.last !== undefined && line.seq <= at.last) continue;
    if (at.last !== undefined && line.seq > at.last + 1) yield { gap: { from: at.last + 1, to: line.seq - 1 } };
    // Before it is handed over: a reader that stops here must not get it again, and it is the reader's once it has it.
    at.last = line.seq;
    yield line;
  }
}

async function* readChannel(channel: Channel<LogJoined>, at: Position): AsyncGenerator<LogRecord, boolean> {
  // A quarter of the window: Max never has to stop for an acknowledgement that is on its way.
  const due = Math.max(1, Math.floor(channel.joined.window / 4));
  for await (const { event, payload } of channel.events<LogBatch | LogEnd>()) {
    if (event === 'end') return true;
    if (event !== 'lines') continue;
    for (const record of fresh(payload as LogBatch, at)) {
      yield record;
      if (at.last === undefined || at.last - at.acked < due) continue;
      channel.send('ack', { seq: at.last } satisfies LogAck);
      at.acked = at.last;
    }
  }
  return false;
}

/**
 * Follows a log by sequence number: nothing lost and nothing twice, over every reconnect, and what Max no longer has is
 * an explicit gap. Lines are acknowledged once they are taken, so that a slow reader slows Max.
 *
 * Ends at the end of a build's log, or when `signal` is aborted.
 */
export async function* followRecords(options: FollowOptions): AsyncGenerator<LogRecord> {
  const { socket, topic, lines, signal, onClosed } = options;
  const at: Position = { last: undefined, acked: 0 };
  // Where the first line was to come from: a link that is cut before it must not lose what is written meanwhile.
  let begin: number | undefined;
  const params = (): LogJoin => {
    // A new join begins a new window.
    at.acked = at.last ?? 0;
    const after = at.last ?? begin;
    return after === undefined ? { lines } : { after };
  };
  for (;;) {
    const channel = await socket.join<LogJoined>(topic, params, { patient: true, signal });
    if (begin === undefined && channel.joined.last === 0) options.onEmpty?.();
    begin ??= Math.max(0, channel.joined.last - lines);
    const leave = (): void => void channel.leave().catch(() => {});
    signal.addEventListener('abort', leave, { once: true });
    try {
      if (signal.aborted) return;
      if (yield* readChannel(channel, at)) return;
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
    if (signal.aborted) return;
    await onClosed();
  }
}

/** The log's channel ended, and nothing says why. */
export function closedByMax(topic: string): RigError {
  return new RigError({
    code: 'RIG_CHANNEL_CLOSED',
    message: `Max ended the log ${topic}`,
    hint: 'follow it anew; what Max does is in: rig max logs',
    exitCode: ExitCode.Unreachable,
  });
}
