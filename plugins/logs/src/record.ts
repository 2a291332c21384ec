import type { LogGap, LogLine, NetworkLogGap, NetworkLogLine } from '@rig/plugin-api/max';

/** A record of `rig logs`: a line, or a gap where lines are gone. */
export type LogRecord = LogLine | LogGap;

/** What parts the instance from the text: tells the streams apart without colour. */
const MARKS = { stdout: '|', stderr: '!', system: '*' } as const;

/** A record as a line for a person: `2026-03-01T09:30:05.120Z web.1 | text`. */
export function formatRecord(record: LogRecord): string {
  if ('gap' in record) {
    const { from, to } = record.gap;
    return `--- ${to - from + 1} lines (${from} to ${to}) are gone: they were older or more than is kept ---`;
  }
  return `${record.at} ${record.instance} ${MARKS[record.stream]} ${record.text}`;
}

/** A record of `rig logs network`: a line of an app, or a gap where lines of it are gone. */
export type NetworkLogRecord = NetworkLogLine | NetworkLogGap;

/** A network's record as a line for a person: the app, and then the line as {@link formatRecord} has it. */
export function formatNetworkRecord(record: NetworkLogRecord): string {
  return `${record.app} ${formatRecord(record)}`;
}
