import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { Session } from '@rig/plugin-api/max';
import { findCommand, stopCommand } from '../../command/sessions.ts';
import { stoppedView } from '../../command/views.ts';

/** `rig command stop ID`. */
export class CommandStopCommand extends RigCommand<Session> {
  static override paths = [['command', 'stop']];
  static override usage = RigCommand.Usage({
    category: 'Inside an app',
    description: 'End a command with all that it started, and say how it ended',
    details:
      'It is asked to end by SIGTERM, and killed after the time that the app gives its instances for that. A program that is ' +
      'called stop runs by: rig command -- stop',
    examples: [['End a command that was left to itself', '$0 command stop ses_1']],
  });
  static override result = stoppedView;

  session = Option.String({ required: true, name: 'ID' });

  async run(services: Services): Promise<Session> {
    const http = await services.http();
    const found = await findCommand(http, this.session);
    await services.output.target(`${found.instance} of app ${found.app}.${found.network}`);
    if (found.state === 'ended') services.output.note('it had ended before');
    return found.state === 'ended' ? found : stopCommand(http, this.session);
  }
}
