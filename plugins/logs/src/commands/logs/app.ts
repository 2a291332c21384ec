import { Option, RigCommand, type Services, stream } from '@rig/plugin-api';
import { parseLines, shouldFollow } from '../../options.ts';
import { readLog } from '../../read-log.ts';
import { formatRecord, type LogRecord } from '../../record.ts';
import { appLog } from '../../sources.ts';

/** `rig logs app NAME`. */
export class LogsAppCommand extends RigCommand<LogRecord> {
  static override paths = [['logs', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Logs',
    description: "Show an app's log as it is written",
    details:
      'Begins with the last lines and follows until Ctrl-C. "|" marks standard output, "!" standard error and "*" what Max ' +
      'says. With -o json or -o yaml the most recent lines are one document; -o ndjson follows, a record a line.',
    examples: [
      ['Follow the app api of the network shop', '$0 logs app api.shop'],
      ['The last 500 lines, and no more', '$0 logs app api.shop --lines 500 --no-follow'],
    ],
  });
  static override result = stream<LogRecord>(formatRecord);

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  lines = Option.String('--lines', { description: 'Begin with that many lines; 100 unless said' });
  follow = Option.Boolean('--follow', {
    description: 'Go on with new lines, which is the default; --no-follow does not',
  });

  async *run(services: Services): AsyncGenerator<LogRecord> {
    const lines = parseLines(this.lines);
    const follow = shouldFollow(this.follow, services.output.format);
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    const http = await services.http();
    yield* readLog(services, { lines, follow, find: () => appLog(http, ref) });
  }
}
