import { ExitCode, Option, type Outcome, RigCommand, RigError, type Services } from '@rig/plugin-api';
import { detach } from '../command/detach.ts';
import { parseRequest } from '../command/request.ts';
import { type CommandValue, commandValue } from '../command/result.ts';
import { begin, runCaptured, runRecords, runThrough } from '../command/run.ts';
import { runAllCaptured, runAllRecords, runAllThrough } from '../command/run-all.ts';
import { verbatimOption } from '../command/verbatim.ts';

/** `rig command -- CMD ARGS…`. */
export class CommandCommand extends RigCommand<CommandValue> {
  static override paths = [['command']];
  static override usage = RigCommand.Usage({
    category: 'Inside an app',
    description: 'Run a program in an app, and end as it ends',
    details:
      'The program runs beside an instance, in its folder and with its vars, secrets and release. Everything after -- is ' +
      'handed to it as it is; no shell reads it. Standard input is sent to it, and what it writes comes back byte by byte, its ' +
      'standard error apart. Its exit code is that of rig, 128 and the number for a signal. Ctrl-C goes to it; a second one ends ' +
      'it. On a terminal colours, line ends, carriage returns and what clears the rest of a line pass, and whatever else a terminal would obey is written out.\n\n' +
      'With -o json one document tells all that it wrote, with exit code, signal, time, release and instance; text that is no ' +
      'UTF-8 is base64 there. With -o ndjson it is a record a line as it comes.\n\n' +
      'With --all it runs on every instance, each line with the name of its instance, nothing is sent to it, and rig ends with ' +
      'the highest exit code. With --detach it goes on without rig, also when Max ends: see rig command attach, list and stop.',
    examples: [
      ['A migration of the app api in the network shop', '$0 command --app api.shop -- npm run migrate'],
      ['Send a file through a program there', '$0 command --app db.shop -- psql < dump.sql'],
      ['Several programs need a shell', "$0 command --app api.shop -- sh -c 'ls | wc -l'"],
      ['On every instance', '$0 command --app api.shop --all -- node --version'],
      ['Something that takes hours', '$0 command --app api.shop --detach -- npm run reindex'],
    ],
  });
  static override result = commandValue;

  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  instance = Option.String('--instance', { description: 'The instance, e.g. web.2; the first that runs unless said' });
  all = Option.Boolean('--all', false, { description: 'On every instance that runs, side by side' });
  timeout = Option.String('--timeout', { description: 'End it after that time, e.g. 90s or 2h, with exit code 7' });
  detach = Option.Boolean('--detach', false, { description: 'Leave it to itself once it runs, and print its id' });
  stdin = Option.Boolean('--stdin', {
    description: 'Send standard input, which is the default; --no-stdin does not, as in a loop that reads it itself',
  });
  verbatim = verbatimOption('CMD');

  async run(services: Services): Promise<CommandValue | Outcome<CommandValue>> {
    const request = parseRequest(this);
    const { format } = services.output;
    if (format === 'name' && !this.detach) throw noName();
    const app = (await services.config()).app({ app: this.app, network: this.network });
    const on = { services, app, request };
    if (this.detach) return detach(on, this.all);
    if (this.all) {
      if (format === 'table') return runAllThrough(on);
      return format === 'ndjson' ? runAllRecords(on) : runAllCaptured(on);
    }
    const followed = { services, open: () => begin(on), stdin: this.stdin !== false };
    if (format === 'table') return runThrough(followed);
    return format === 'ndjson' ? runRecords(followed) : runCaptured(followed);
  }
}

const noName = (): RigError =>
  new RigError({
    code: 'RIG_FORMAT_UNSUPPORTED',
    message: 'a command that is followed has no name to print with -o name',
    hint: 'with --detach it has an id; else use -o json',
    exitCode: ExitCode.Usage,
  });
