import {
  checkLogPattern,
  LOG_LEVELS,
  LOG_TIME_FORMS,
  type LogFilter,
  type LogLevel,
  parseLogTime,
} from '@rig/plugin-api/max';
import { LineFilter } from './line-filter.ts';

/** What is read of a log; times in milliseconds since the epoch. */
export interface Selection {
  /** As many of the most recent lines. */
  lines: number | undefined;
  since: number | undefined;
  until: number | undefined;
  filter: LineFilter;
}

/** A selection that cannot be made: says which part of it and why. */
export class BadSelection extends Error {}

/** Lines that a selection gives without any word on how many. */
export const DEFAULT_LINES = 100;

/** As many as are given at once. */
export const MOST_LINES = 10_000;

/**
 * Reads a selection from a query or from a join's params.
 *
 * @throws BadSelection naming the parameter
 */
export function readSelection(get: (name: string) => unknown, now: number = Date.now()): Selection {
  const text = (name: string): string | undefined => {
    const value = get(name) ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw new BadSelection(`"${name}" must be a text`);
  };
  const time = (name: string): number | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    const at = parseLogTime(given, now);
    if (at === undefined)
      throw new BadSelection(`"${name}" must be ${LOG_TIME_FORMS}, and is ${JSON.stringify(given)}`);
    return at;
  };
  const since = time('since');
  const until = time('until');
  if (since !== undefined && until !== undefined && since > until)
    throw new BadSelection(`"since" (${iso(since)}) must not be after "until" (${iso(until)})`);
  const filter: LogFilter = {};
  const instance = text('instance');
  if (instance !== undefined) filter.instance = instance;
  const level = text('level');
  if (level !== undefined) {
    if (!LOG_LEVELS.includes(level as LogLevel))
      throw new BadSelection(`"level" must be one of ${LOG_LEVELS.join(', ')}, and is ${JSON.stringify(level)}`);
    filter.level = level as LogLevel;
  }
  const grep = text('grep');
  if (grep !== undefined) {
    const bad = checkLogPattern(grep);
    if (bad !== undefined) throw new BadSelection(`"grep" is no regular expression: ${bad}`);
    filter.grep = grep;
  }
  return { lines: linesOf(get('lines')), since, until, filter: new LineFilter(filter) };
}

function linesOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const lines = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (Number.isSafeInteger(lines) && (lines as number) >= 0 && (lines as number) <= MOST_LINES) return lines as number;
  throw new BadSelection(`"lines" must be a whole number from 0 to ${MOST_LINES}`);
}

/** A time as the contract has it. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}
