import { Option, RigCommand, type Services, shouldFollow, stream } from '@rig/plugin-api';
import { LogCommand } from '../../log-command.ts';
import { readLog } from '../../read-log.ts';
import { formatRecord, type LogRecord } from '../../record.ts';
import { parseSelection } from '../../selection.ts';
import { appLog } from '../../sources.ts';

/** `rig logs app NAME`. */
export class LogsAppCommand extends LogCommand<LogRecord> {
  static override paths = [['logs', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Logs',
    description: "Show an app's log as it is written",
    details:
      'Begins with the last lines, or with all since --since, and follows until Ctrl-C or --until. "|" marks standard output, ' +
      '"!" standard error and "*" what Max says. With -o json or -o yaml the lines are one document; -o ndjson follows, a ' +
      'record a line. Times are ISO 8601, UTC unless they say otherwise, or durations back from now such as 10m, 2h, 1d.',
    examples: [
      ['Follow the app api of the network shop', '$0 logs app api.shop'],
      ['The last 500 lines, and no more', '$0 logs app api.shop --lines 500 --no-follow'],
      ['Warnings and worse of the last hour, and those to come', '$0 logs app api.shop --since 1h --level warn'],
      ['What an instance said of a customer', '$0 logs app api.shop --instance web.2 --grep "customer=(17|18)"'],
    ],
  });
  static override result = stream<LogRecord>(formatRecord);

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async *run(services: Services): AsyncGenerator<LogRecord> {
    const selection = parseSelection(this);
    const follow = shouldFollow(this.follow, services.output.format);
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    const http = await services.http();
    yield* readLog(services, { selection, follow, find: () => appLog(http, ref) });
  }
}
