import {
  ExitCode,
  Option,
  type Outcome,
  RigCommand,
  RigError,
  raw,
  type Services,
  withExitCode,
} from '@rig/plugin-api';
import { beginShell } from '../shell/begin-shell.ts';

/** `rig shell`. */
export class ShellCommand extends RigCommand<undefined> {
  static override paths = [['shell']];
  static override usage = RigCommand.Usage({
    category: 'Shells and commands',
    description: 'Open a shell in an app',
    details:
      "A terminal in an instance of the app: its folder, its variables and secrets. Ends with the shell's exit code. With " +
      '--network alone it is in the control plane of the network. Where the connection is lost, it is tried again for a minute, ' +
      'and nothing is lost; --attach comes back later, or from elsewhere. At the beginning of a line ~. ends the shell, and ~? ' +
      'shows what else there is. Where rig was killed and the terminal is odd: reset',
    examples: [
      ['A shell in the app api of the network shop', '$0 shell --app api.shop'],
      ['In its second web instance', '$0 shell --app api.shop --instance web.2'],
      ['Back to the shell that was left behind', '$0 shell --app api.shop --attach'],
      ['In the control plane of a network', '$0 shell --network shop'],
    ],
  });
  static override result = raw();

  app = Option.String('--app', { description: 'The app: api.shop, or api with --network shop' });
  network = Option.String('--network', {
    description: 'The network of the app, or the one whose control plane is opened',
  });
  instance = Option.String('--instance', { description: 'The instance (web.1); the first that runs unless said' });
  attach = Option.Boolean('--attach', {
    description: 'Come back to a shell that runs: the one with this ID, or the only one',
  });
  session = Option.String({ required: false, name: 'ID' });

  async run(services: Services): Promise<Outcome<undefined>> {
    const { app, network, instance, attach, session } = this;
    if (session !== undefined && attach !== true) throw notAnArgument(session);
    if (session !== undefined) {
      if (app !== undefined) throw saidByTheId(session, `--app ${app}`);
      if (network !== undefined) throw saidByTheId(session, `--network ${network}`);
      if (instance !== undefined) throw saidByTheId(session, `--instance ${instance}`);
    }
    if (instance !== undefined && app === undefined && network !== undefined) throw noInstances(network, instance);
    const code = await beginShell(services, { app, network, instance, attach: attach === true, session });
    return withExitCode(undefined, code);
  }
}

const bad = (message: string, hint: string): RigError =>
  new RigError({ code: 'RIG_BAD_OPTION', message, hint, exitCode: ExitCode.Usage });

const saidByTheId = (id: string, option: string): RigError =>
  bad(
    `the ID ${id} says which shell to come back to and where it is, and ${option} says so too`,
    `rig shell --attach ${id}`,
  );

const noInstances = (network: string, instance: string): RigError =>
  bad(
    `--instance ${instance} is an instance of an app, and --network ${network} without --app is the network's control plane`,
    `rig shell --app NAME --network ${network} --instance ${instance}`,
  );

function notAnArgument(word: string): RigError {
  return new RigError({
    code: 'RIG_USAGE',
    message: `"${word}" is too much: an ID is for --attach`,
    hint: `rig shell --app ${word}, or rig shell --attach ${word}`,
    exitCode: ExitCode.Usage,
  });
}
