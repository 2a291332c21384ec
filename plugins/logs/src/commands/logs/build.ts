import { Option, RigCommand, type Services, shouldFollow, stream } from '@rig/plugin-api';
import { parseLines } from '../../options.ts';
import { readLog } from '../../read-log.ts';
import { formatRecord, type LogRecord } from '../../record.ts';
import { buildLog } from '../../sources.ts';

/** `rig logs build APP`. */
export class LogsBuildCommand extends RigCommand<LogRecord> {
  static override paths = [['logs', 'build']];
  static override usage = RigCommand.Usage({
    category: 'Logs',
    description: 'Show the log of a build',
    details: 'Shows the last build unless --build says which, and ends with the build.',
    examples: [
      ['The last build of the app api in the network shop', '$0 logs build api.shop'],
      ['The whole log of a build', '$0 logs build api.shop --build bld_1 --lines 10000'],
    ],
  });
  static override result = stream<LogRecord>(formatRecord);

  app = Option.String({ required: true, name: 'APP' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  build = Option.String('--build', { description: 'The id of the build, as in: rig list builds' });
  lines = Option.String('--lines', { description: 'Begin with that many lines; 100 unless said' });
  follow = Option.Boolean('--follow', {
    description: 'Go on until the build ends, which is the default; --no-follow does not',
  });

  async *run(services: Services): AsyncGenerator<LogRecord> {
    const selection = { lines: parseLines(this.lines) };
    const follow = shouldFollow(this.follow, services.output.format);
    const ref = (await services.config()).app({ app: this.app, network: this.network, argument: 'APP' });
    const http = await services.http();
    let chosen = this.build;
    const find = async (): Promise<Awaited<ReturnType<typeof buildLog>>> => {
      const source = await buildLog(http, ref, chosen);
      // A newer build must not take the place of the one that is followed.
      chosen ??= source.topic.slice('logs:build:'.length);
      return source;
    };
    yield* readLog(services, { selection, follow, find });
  }
}
