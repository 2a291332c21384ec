import { Option, parseLimit, RigCommand, type Services } from '@rig/plugin-api';
import type { Session } from '@rig/plugin-api/max';
import { listCommands, USUAL_LIMIT } from '../../command/sessions.ts';
import { commandList } from '../../command/views.ts';

/** `rig command list`. */
export class CommandListCommand extends RigCommand<Session[]> {
  static override paths = [['command', 'list']];
  static override usage = RigCommand.Usage({
    category: 'Inside an app',
    description: 'List your commands that run, and those that ended lately, newest first',
    details:
      'What a detached command wrote is kept for a day after its end, of the last hundred of an app: rig command attach. ' +
      'Values of vars and secrets are blotted out. A program that is called list runs by: rig command -- list',
    examples: [['The commands of the app api in the network shop', '$0 command list --app api.shop']],
  });
  static override result = commandList;

  app = Option.String('--app', { description: 'Only those in this app' });
  network = Option.String('--network', { description: 'Only those in apps of this network' });
  limit = Option.String('--limit', { description: 'List at most that many; 20 unless said' });

  async run(services: Services): Promise<Session[]> {
    const limit = parseLimit(this.limit, USUAL_LIMIT);
    const config = await services.config();
    const app = this.app === undefined ? undefined : config.app({ app: this.app, network: this.network });
    const network = app?.network ?? (this.network === undefined ? undefined : config.network(this.network).network);
    return listCommands(await services.http(), { app: app?.app, network }, limit);
  }
}
