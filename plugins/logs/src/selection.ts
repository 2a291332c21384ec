import { ExitCode, RigError } from '@rig/plugin-api';
import {
  checkLogPattern,
  LOG_LEVELS,
  LOG_TIME_FORMS,
  type LogLevel,
  type LogSelection,
  parseLogTime,
} from '@rig/plugin-api/max';
import { parseLines } from './options.ts';

/** The options of a command that say which lines it shows, as they were typed. */
export interface SelectionOptions {
  lines?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  grep?: string | undefined;
  instance?: string | undefined;
  level?: string | undefined;
}

function bad(message: string, hint: string): RigError {
  return new RigError({ code: 'RIG_BAD_OPTION', message, hint, exitCode: ExitCode.Usage });
}

function timeOf(option: string, text: string): number {
  const at = parseLogTime(text, Date.now());
  if (at !== undefined) return at;
  throw bad(`${option} must be ${LOG_TIME_FORMS}, and is ${JSON.stringify(text)}`, `for example: ${option} 10m`);
}

/**
 * Reads the options that say which lines are shown; Max reckons durations by its own clock.
 *
 * @throws RigError `RIG_BAD_OPTION` (2)
 */
export function parseSelection(options: SelectionOptions): LogSelection {
  const { since, until, grep, instance, level } = options;
  const selection: LogSelection = {};
  // From a time on every line is shown, unless it is said how many.
  if (options.lines !== undefined || since === undefined) selection.lines = parseLines(options.lines);
  const from = since === undefined ? undefined : timeOf('--since', since);
  const to = until === undefined ? undefined : timeOf('--until', until);
  if (from !== undefined && to !== undefined && from > to)
    throw bad(`--since ${since} is after --until ${until}`, 'for example: --since 2h --until 1h');
  if (since !== undefined) selection.since = since;
  if (until !== undefined) selection.until = until;
  if (grep !== undefined) {
    const why = checkLogPattern(grep);
    if (why !== undefined)
      throw bad(
        `--grep ${JSON.stringify(grep)} is no regular expression: ${why}`,
        'a backslash makes a character plain, as in: --grep "\\("',
      );
    selection.grep = grep;
  }
  if (instance !== undefined) {
    if (!/^[A-Za-z0-9_-]+(?:\.\d+)?$/.test(instance))
      throw bad(
        `--instance must be an instance such as web.1 or a process type such as web, and is ${JSON.stringify(instance)}`,
        'see which there are: rig status app',
      );
    selection.instance = instance;
  }
  if (level !== undefined) {
    if (!LOG_LEVELS.includes(level as LogLevel))
      throw bad(`--level must be one of ${LOG_LEVELS.join(', ')}, and is ${JSON.stringify(level)}`, '--level warn');
    selection.level = level as LogLevel;
  }
  return selection;
}

/** Whether lines may be left out that are not gone. */
export function isFiltered({ grep, instance, level }: LogSelection): boolean {
  return grep !== undefined || instance !== undefined || level !== undefined;
}

/** A selection without its beginning: what holds when a log is gone on with. `until` as Max reckoned it. */
export function resumed(selection: LogSelection, until: string | undefined): LogSelection {
  const { lines: _lines, since: _since, ...rest } = selection;
  return until === undefined ? rest : { ...rest, until };
}
