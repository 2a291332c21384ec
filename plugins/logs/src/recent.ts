import type { Http } from '@rig/plugin-api';
import type { LogPage, LogSelection } from '@rig/plugin-api/max';
import type { LogRecord } from './record.ts';
import { isFiltered, resumed } from './selection.ts';

/** The lines of a log that are there now, oldest first; ends by itself. @param path `…/logs` */
export async function* recentRecords(http: Http, path: string, selection: LogSelection): AsyncGenerator<LogRecord> {
  if (selection.lines === 0) return;
  const filtered = isFiltered(selection);
  let page = await http.get<LogPage>(path, { query: { ...selection } });
  // What is written meanwhile is not waited for.
  const end = page.last;
  let left = selection.lines ?? Number.POSITIVE_INFINITY;
  let last: number | undefined;
  for (;;) {
    if (page.gap !== undefined) {
      yield { gap: page.gap };
      last = page.gap.to;
    }
    for (const line of page.lines) {
      if (line.seq > end && selection.lines === undefined) return;
      if (!filtered && last !== undefined && line.seq > last + 1) yield { gap: { from: last + 1, to: line.seq - 1 } };
      last = line.seq;
      yield line;
    }
    left -= page.lines.length;
    if (page.through >= end || left <= 0) return;
    const rest = resumed(selection, page.until);
    page = await http.get<LogPage>(path, { query: { ...rest, after: page.through, lines: Math.min(left, 1_000) } });
  }
}
