import { Option, RigCommand, type Services, shouldFollow, stream } from '@rig/plugin-api';
import { LogCommand } from '../../log-command.ts';
import { networkRecords } from '../../network.ts';
import { formatNetworkRecord, type NetworkLogRecord } from '../../record.ts';
import { parseSelection } from '../../selection.ts';

/** `rig logs network NAME`. */
export class LogsNetworkCommand extends LogCommand<NetworkLogRecord> {
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

  async *run(services: Services): AsyncGenerator<NetworkLogRecord> {
    const selection = parseSelection(this);
    const follow = shouldFollow(this.follow, services.output.format);
    const { network } = (await services.config()).network(this.name);
    yield* networkRecords(services, { network, selection, follow });
  }
}
