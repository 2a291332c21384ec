import type { Log } from './log.ts';

/** A stack trace of V8 is longer than what is shown. */
export const LOOKED_AT = 200;
const SHOWN = 20;

/** What an instance said last, after a sequence number: for the failure of its release, unless more is asked for. */
export function lastLines(log: Log, instance: string, after: number, count = SHOWN): string[] {
  const { lines } = log.read(Math.max(after, log.last - LOOKED_AT), { lines: LOOKED_AT, bytes: 256 * 1024 });
  return lines
    .filter((line) => line.instance === instance)
    .slice(-count)
    .map((line) => line.text);
}
