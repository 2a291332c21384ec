import { Option, RigCommand } from '@rig/plugin-api';

/** What every command has that shows a log by its lines: which of them, and whether it goes on. */
export abstract class LogCommand<T> extends RigCommand<T> {
  lines = Option.String('--lines', {
    description: 'Begin with that many lines; 100 unless said, or all since --since',
  });
  since = Option.String('--since', { description: 'Begin with the lines of that time' });
  until = Option.String('--until', { description: 'End with the lines of that time' });
  grep = Option.String('--grep', { description: 'Only lines that match this JavaScript regular expression' });
  instance = Option.String('--instance', { description: 'Only lines of this instance (web.1) or process type (web)' });
  level = Option.String('--level', {
    description: 'Only lines of this level and above: trace, debug, info, warn, error, fatal',
  });
  follow = Option.Boolean('--follow', {
    description: 'Go on with new lines, which is the default; --no-follow does not',
  });
}
