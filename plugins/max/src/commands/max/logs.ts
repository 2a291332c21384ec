import { existsSync } from 'node:fs';
import { ExitCode, Option, RigCommand, RigError, type Services, stream } from '@rig/plugin-api';
import { stateDirOf } from '../../location.ts';
import { statePaths } from '../../store/state-paths.ts';
import { followLines, lastLines } from '../../tail-file.ts';
import { stateDirOption } from './options.ts';

/** One line of Max's own log. */
export interface MaxLogLine {
  /** ISO 8601; `null` where the line has no time, as those of a crash. */
  at: string | null;
  text: string;
}

function parse(line: string): MaxLogLine {
  const [, at, text] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/.exec(line) ?? [];
  return at === undefined || text === undefined ? { at: null, text: line } : { at, text };
}

function countOf(text: string | undefined): number {
  if (text === undefined) return 100;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new RigError({
    code: 'RIG_USAGE',
    message: `--lines must be a whole number, and it is ${JSON.stringify(text)}`,
    hint: 'for example: rig max logs --lines 500',
    exitCode: ExitCode.Usage,
  });
}

/** `rig max logs`. */
export class MaxLogsCommand extends RigCommand<MaxLogLine> {
  static override paths = [['max', 'logs']];
  static override usage = RigCommand.Usage({
    category: 'Max',
    description: "Show the embedded Max's own log",
    details: 'Begins with the last lines and follows until Ctrl-C. The logs of apps are rig logs app.',
    examples: [
      ['Follow it', '$0 max logs'],
      ['The last 20 lines, and no more', '$0 max logs --lines 20 --no-follow'],
    ],
  });
  static override result = stream<MaxLogLine>(({ at, text }) => (at === null ? text : `${at} ${text}`));

  lines = Option.String('--lines', { description: 'Begin with that many lines; 100 unless said' });
  follow = Option.Boolean('--follow', {
    description: 'Go on with new lines, which is the default; --no-follow does not',
  });
  stateDir = stateDirOption();

  async *run(services: Services): AsyncGenerator<MaxLogLine> {
    const count = countOf(this.lines);
    const { format } = services.output;
    const { log } = statePaths(stateDirOf(services.runtime, this.stateDir));
    if (!existsSync(log))
      throw new RigError({
        code: 'RIG_MAX_NOT_SET_UP',
        message: `there is no log ${log}: no Max has run there`,
        hint: 'start one with: rig max up',
        exitCode: ExitCode.NotFound,
      });
    const { lines, end } = await lastLines(log, count);
    yield* lines.map(parse);
    // One document has an end.
    if (!(this.follow ?? (format !== 'json' && format !== 'yaml'))) return;
    for await (const line of followLines(log, end, services.signal)) yield parse(line);
  }
}
