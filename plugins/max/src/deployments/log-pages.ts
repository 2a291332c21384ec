import type { LogLine, LogPage } from '@rig/plugin-api/max';
import { LineFilter } from '../logs/line-filter.ts';
import type { Log } from '../logs/log.ts';
import { boundsOf } from '../logs/positions.ts';
import { DEFAULT_LINES, iso } from '../logs/selection.ts';
import type { LogQuery } from '../runtime.ts';

/** An answer holds at most about so much text; a client goes on with `after`. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** Lines of an answer to a client that wants all since some time, and bytes that are read for it at once. */
const PAGE_LINES = 1_000;
const STEP_BYTES = 512 * 1024;

/** Reads a page of a log. */
export async function logPage(log: Log, query: LogQuery): Promise<LogPage> {
  const { last } = log;
  const { lines, since, until, filter = new LineFilter({}) } = query;
  const bounds = await boundsOf(log, { lines, since, until, filter }, query.after);
  const end = Math.min(bounds.to ?? last, last);
  const wanted = lines ?? (since === undefined ? DEFAULT_LINES : PAGE_LINES);
  const page: LogPage = { lines: [], last, through: Math.min(bounds.after, last) };
  if (until !== undefined) page.until = iso(until);
  let bytes = 0;
  while (page.through < end && page.lines.length < wanted && bytes < PAGE_BYTES) {
    // Without a filter no more is read than is given.
    const most = filter.active ? PAGE_LINES : wanted - page.lines.length;
    const read = log.read(page.through, { lines: most, bytes: STEP_BYTES });
    // A page tells of one gap, before its lines: another one begins the next page.
    if (read.gap !== undefined && (page.gap !== undefined || page.lines.length > 0)) return page;
    if (read.gap !== undefined) page.gap = read.gap;
    const looked = read.lines.at(-1)?.seq ?? read.gap?.to ?? end;
    const found = await filter.select(read.lines.filter((line) => line.seq <= end));
    const taken = found.slice(0, wanted - page.lines.length);
    page.lines.push(...taken);
    bytes += sizeOf(taken);
    page.through = taken.length < found.length ? taken.at(-1)!.seq : Math.min(looked, end);
  }
  // What is younger than `until` was not asked for.
  if (page.through >= end) page.through = last;
  return page;
}

function sizeOf(lines: LogLine[]): number {
  return lines.reduce((sum, line) => sum + line.text.length + 64, 0);
}
