import { parseDuration } from '../durations.ts';

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/;

/** What a time may look like, for messages. */
export const LOG_TIME_FORMS =
  'a time such as 2026-03-01T09:30:00Z (UTC unless it says otherwise) or a duration back from now such as 10m, 2h, 1d';

/**
 * Reads a moment: ISO 8601 (UTC where it names no zone), or a duration back from now, of the units s, m, h, d and w.
 *
 * @returns milliseconds since the epoch, `undefined` for what is neither
 */
export function parseLogTime(text: string, now: number): number | undefined {
  const back = parseDuration(text);
  if (back !== undefined) return Math.max(0, now - back);
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, time = '00:00', zone = 'Z'] = match;
  // Date takes 31 February for a day of March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCDate() !== Number(day) || date.getUTCMonth() !== Number(month) - 1) return undefined;
  const at = Date.parse(`${year}-${month}-${day}T${time}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}
