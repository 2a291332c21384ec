import { ExitCode, Option, type Outcome, RigCommand, RigError, type Services } from '@rig/plugin-api';
import { attach } from '../../command/attach.ts';
import { type CommandValue, commandValue } from '../../command/result.ts';

/** `rig command attach ID`. */
export class CommandAttachCommand extends RigCommand<CommandValue> {
  static override paths = [['command', 'attach']];
  static override usage = RigCommand.Usage({
    category: 'Inside an app',
    description: 'Show what a detached command has written, go on with it, and end as it ends',
    details:
      'Begins with what is kept, which is the last 64 MiB of each stream, until a day after its end. Ctrl-C leaves the command ' +
      'to itself; rig command stop ends it. With -o json it is one document once the command has ended, with -o ndjson a record ' +
      'a line as it comes. A program that is called attach runs by: rig command -- attach',
    examples: [['Come back to a command that was left to itself', '$0 command attach ses_1']],
  });
  static override result = commandValue;

  session = Option.String({ required: true, name: 'ID' });

  async run(services: Services): Promise<CommandValue | Outcome<CommandValue>> {
    if (services.output.format !== 'name') return attach(services, this.session);
    throw new RigError({
      code: 'RIG_FORMAT_UNSUPPORTED',
      message: 'a command that is followed has no name to print with -o name',
      hint: 'use -o json',
      exitCode: ExitCode.Usage,
    });
  }
}
