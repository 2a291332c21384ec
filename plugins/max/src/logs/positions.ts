import { setImmediate as turn } from 'node:timers/promises';
import type { LineFilter } from './line-filter.ts';
import type { Log } from './log.ts';
import { DEFAULT_LINES, type Selection } from './selection.ts';

/** Lines that are read at a time: the event loop goes on between. */
const STEP_LINES = 250;

/** The sequence number of the first line that is not older than a time; one beyond the last where all are. */
export async function seqAt(log: Log, at: number): Promise<number> {
  let after = log.firstWrittenSince(at) - 1;
  while (after < log.last) {
    const { lines, gap } = log.read(after, { lines: STEP_LINES });
    const found = lines.find((line) => Date.parse(line.at) >= at);
    if (found !== undefined) return found.seq;
    after = lines.at(-1)?.seq ?? gap?.to ?? log.last;
    await turn();
  }
  return log.last + 1;
}

/** The number after which a selection begins, and the last that it may reach. */
export interface Bounds {
  after: number;
  /** `undefined`: the log's end, wherever that will be. */
  to: number | undefined;
}

/**
 * Finds where a selection begins and ends. What retention dropped of a time that is asked for lies within.
 *
 * @param resume the number to go on after, where the beginning is known; one beyond the log's end is of another log
 */
export async function boundsOf(
  log: Log,
  { lines, since, until, filter }: Selection,
  resume: number | undefined,
): Promise<Bounds> {
  const to = until === undefined || until >= Date.now() ? undefined : (await seqAt(log, until + 1)) - 1;
  if (resume !== undefined) return { after: Math.min(resume, log.last), to };
  const end = to ?? log.last;
  // Where nothing is kept of what was written, that is all there is to say.
  let low = log.first > log.last ? 0 : log.first - 1;
  if (since !== undefined) {
    const seq = await seqAt(log, since);
    // The oldest that is kept is young enough: so may be those before it.
    low = seq === log.first ? 0 : seq - 1;
  }
  const wanted = lines ?? (since === undefined ? DEFAULT_LINES : undefined);
  if (wanted === undefined) return { after: Math.min(low, end), to };
  const from = Math.max(low, log.first - 1);
  const seqs = await lastMatching(log, filter, wanted, from, end);
  const after = seqs.length < wanted ? low : (seqs.at(-1) ?? end + 1) - 1;
  return { after: Math.min(after, end), to };
}

/** The numbers of the last lines that match, the youngest first; `from` is before the first that may. */
export async function lastMatching(
  log: Log,
  filter: LineFilter,
  wanted: number,
  from: number,
  to: number,
): Promise<number[]> {
  const count = Math.min(wanted, Math.max(0, to - from));
  if (!filter.active) return Array.from({ length: count }, (_, index) => to - index);
  const seqs: number[] = [];
  for (let end = to; end > from && seqs.length < wanted; end -= STEP_LINES) {
    const start = Math.max(from, end - STEP_LINES);
    const { lines } = log.read(start, { lines: end - start });
    const found = await filter.select(lines.filter((line) => line.seq <= end));
    for (const line of found.reverse()) if (seqs.length < wanted) seqs.push(line.seq);
    await turn();
  }
  return seqs;
}
