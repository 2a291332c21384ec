import type { LogPage } from '@rig/plugin-api/max';
import type { Log } from '../logs/log.ts';
import type { LogQuery } from '../runtime.ts';

/** An answer holds at most about so much text; a client goes on with `after`. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** Reads a page of a log. */
export function logPage(log: Log, query: LogQuery): LogPage {
  const last = log.last;
  const after = query.after ?? Math.max(log.first - 1, last - query.lines);
  return { lines: log.read(after, { lines: query.lines, bytes: PAGE_BYTES }).lines, last };
}
