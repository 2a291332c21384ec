import { LOG_LEVELS, type LogLevel, type LogLine } from '@rig/plugin-api/max';

/** What programs call the levels. */
const NAMES: Readonly<Record<string, LogLevel>> = {
  trace: 'trace',
  silly: 'trace',
  verbose: 'debug',
  debug: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  log: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  severe: 'error',
  fatal: 'fatal',
  critical: 'fatal',
  crit: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  panic: 'fatal',
};

const JSON_FIELDS = ['level', 'severity', 'lvl', 'levelname', 'log.level'] as const;
const KEY = /(?:^|\s)(?:level|lvl|severity)="?([A-Za-z]+)/;
/** After an optional time: `[warn]`, `WARN`, `warn:`. Words in lower case alone begin sentences too. */
const PREFIX = /^[\d\sT:.,Z+/-]{0,40}(?:\[([A-Za-z]{3,11})\]|([A-Z]{3,11})(?![\w.])|([A-Za-z]{3,11}):)/;

const known = (name: string | undefined): LogLevel | undefined => (name ? NAMES[name.toLowerCase()] : undefined);

/** The numbers of bunyan and pino: 10 for trace to 60 for fatal. */
function ofNumber(value: number): LogLevel | undefined {
  return LOG_LEVELS[Math.min(Math.floor(value / 10), LOG_LEVELS.length) - 1];
}

function ofJson(text: string): LogLevel | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const field of JSON_FIELDS) {
    const found = (value as Record<string, unknown>)[field];
    const level = typeof found === 'number' ? ofNumber(found) : known(typeof found === 'string' ? found : undefined);
    if (level !== undefined) return level;
  }
  return undefined;
}

/**
 * Tells the level of a line: the level field of a JSON line, `level=…`, or a prefix such as `[warn]`, `WARN` or `warn:`. A
 * line that says none is an error on standard error, where stack traces go, and info elsewhere.
 */
export function levelOf({ text, stream }: Pick<LogLine, 'text' | 'stream'>): LogLevel {
  const json = text.startsWith('{') ? ofJson(text) : undefined;
  const said = json ?? known(KEY.exec(text)?.[1]);
  if (said !== undefined) return said;
  const [, bracketed, upper, named] = PREFIX.exec(text) ?? [];
  return known(bracketed ?? upper ?? named) ?? (stream === 'stderr' ? 'error' : 'info');
}

/** Whether a level is as severe as another, or more. */
export function atLeast(level: LogLevel, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}
