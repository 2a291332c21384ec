import type { Http } from '@rig/plugin-api';
import type { LogPage } from '@rig/plugin-api/max';
import type { LogRecord } from './record.ts';

/** The most recent lines of a log, oldest first; ends by itself. @param path `…/logs` */
export async function* recentRecords(http: Http, path: string, lines: number): AsyncGenerator<LogRecord> {
  if (lines === 0) return;
  const page = await http.get<LogPage>(path, { query: { lines } });
  let last: number | undefined;
  for (const line of page.lines) {
    if (last !== undefined && line.seq > last + 1) yield { gap: { from: last + 1, to: line.seq - 1 } };
    last = line.seq;
    yield line;
  }
}
