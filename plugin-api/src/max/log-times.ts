const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

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
  if (/^(?:\d{1,9}[smhdw])+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+)([smhdw])/g)];
    const back = parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS], 0);
    return Math.max(0, now - back);
  }
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, time = '00:00', zone = 'Z'] = match;
  // Date takes 31 February for a day of March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCDate() !== Number(day) || date.getUTCMonth() !== Number(month) - 1) return undefined;
  const at = Date.parse(`${year}-${month}-${day}T${time}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}
