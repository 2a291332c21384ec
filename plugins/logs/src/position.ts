import type { LogBatch, LogLine } from '@rig/plugin-api/max';

/** How far a log was handed over. */
export interface Position {
  /** Sequence number of the last line that was handed over or left out; `undefined` before the first. */
  last: number | undefined;
}

/** A line, or the numbers of lines that are gone. */
export type Fresh = { line: LogLine } | { gap: { from: number; to: number } };

/**
 * The records of a batch that were not handed over yet.
 *
 * @param filtered numbers may be missing because their lines do not match; else one that is missing is a gap
 */
export function* fresh(batch: LogBatch, at: Position, filtered: boolean): Generator<Fresh> {
  if ('gap' in batch) {
    const { from, to } = batch.gap;
    if (at.last === undefined || to > at.last) yield { gap: { from: Math.max(from, (at.last ?? 0) + 1), to } };
    at.last = Math.max(at.last ?? 0, to);
    return;
  }
  for (const line of batch.lines) {
    if (at.last !== undefined && line.seq <= at.last) continue;
    if (!filtered && at.last !== undefined && line.seq > at.last + 1)
      yield { gap: { from: at.last + 1, to: line.seq - 1 } };
    // Before it is handed over: a reader that stops here must not get it again, and it is the reader's once it has it.
    at.last = line.seq;
    yield { line };
  }
  if (batch.through !== undefined) at.last = Math.max(at.last ?? 0, batch.through);
}
