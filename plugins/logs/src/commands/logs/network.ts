import { Option, RigCommand, type Services, stream } from '@rig/plugin-api';
import { networkRecords } from '../../network.ts';
import { shouldFollow } from '../../options.ts';
import { formatNetworkRecord, type NetworkLogRecord } from '../../record.ts';
import { parseSelection } from '../../selection.ts';

/** `rig logs network NAME`. */
export class LogsNetworkCommand extends RigCommand<NetworkLogRecord> {
  static override paths = [['logs', 'network']];
  static override usage = RigCommand.Usage({
    category: 'Logs',
    description: 'Show the logs of all apps of a network as one',
    details:
      'Each line begins with its app. Apps that are made meanwhile join in. The options are those of: rig logs app; --lines ' +
      'counts the lines of all apps together.',
    examples: [
      ['Follow every app of the network shop', '$0 logs network shop'],
      ['Errors of the last day, and no more', '$0 logs network shop --since 1d --level error --no-follow'],
    ],
  });
  static override result = stream<NetworkLogRecord>(formatNetworkRecord);

  name = Option.String({ required: true, name: 'NAME' });
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

  async *run(services: Services): AsyncGenerator<NetworkLogRecord> {
    const selection = parseSelection(this);
    const follow = shouldFollow(this.follow, services.output.format);
    const { network } = (await services.config()).network(this.name);
    yield* networkRecords(services, { network, selection, follow });
  }
}
