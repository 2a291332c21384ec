import { ExitCode, Option, RigCommand, RigError, type Services, stream } from '@rig/plugin-api';
import { appPath, type WhoAmI } from '@rig/plugin-api/max';
import { type ForwardRecord, forward, forwardLine } from '../forward/forward.ts';
import { readPairs } from '../forward/pairs.ts';

/** `rig forward [LOCAL:]REMOTE…`. */
export class ForwardCommand extends RigCommand<ForwardRecord> {
  static override paths = [['forward']];
  static override usage = RigCommand.Usage({
    category: 'SSH',
    description: "Lead ports of this machine to an app's",
    details:
      'Whatever listens on loopback where the app runs can be reached: the app itself, its database, its debugger. Without ' +
      'LOCAL it is the same number where that is free, else any; 0 is any. Goes on until Ctrl-C, and connections live ' +
      'through a cut of the link of up to a minute. A connection that fails is told in a line, and harms no other. With ' +
      '-o ndjson a record a line, the first ones with the ports.',
    examples: [
      ['Reach the database beside the app api of the network shop', '$0 forward 5432 --app api.shop'],
      ['Two ports, one of them by another number', '$0 forward 8080:3000 9229 --app api.shop'],
      ["One instance's debugger", '$0 forward 9229 --app api.shop --instance web.2'],
    ],
  });
  static override result = stream<ForwardRecord>(forwardLine);

  ports = Option.Rest({ name: '[LOCAL:]REMOTE', required: 1 });
  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  instance = Option.String('--instance', { description: 'The instance, e.g. web.2; the first that runs unless said' });
  address = Option.String('--address', '127.0.0.1', {
    description: 'Address of this machine to listen on; 127.0.0.1 unless said',
  });

  async *run(services: Services): AsyncGenerator<ForwardRecord> {
    const { format } = services.output;
    if (format === 'json' || format === 'yaml') throw endless(format);
    const pairs = readPairs(this.ports);
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    await services.output.target(`ports of app ${ref.app}.${ref.network}`, ref.origin);
    const http = await services.http();
    // Said now, and not at the first connection.
    await http.get(appPath(ref));
    const { scopes } = await http.get<WhoAmI>('/v1/whoami');
    if (!scopes.includes('shell')) throw noShell();
    if (!/^(?:localhost|127\..*|::1)$/.test(this.address))
      services.output.note(`whoever reaches ${this.address} reaches the app as you, without signing in`);
    yield* forward(services, { ref, instance: this.instance, address: this.address, pairs });
  }
}

const endless = (format: string): RigError =>
  new RigError({
    code: 'RIG_FOLLOW_FORM',
    message: `-o ${format} is one document, and rig forward goes on until Ctrl-C`,
    hint: 'a record a line: -o ndjson',
    exitCode: ExitCode.Usage,
  });

const noShell = (): RigError =>
  new RigError({
    code: 'RIG_FORBIDDEN',
    message: 'this takes a token with the scope "shell", and yours lacks it',
    hint: 'sign in with a token that has it',
    exitCode: ExitCode.Denied,
  });
