import { Option, RigCommand, type Services, value } from '@rig/plugin-api';
import { openUserPlugins } from './open.ts';

interface Unlinked {
  unlinked: string[];
}

/** `rig plugins unlink`: forgets linked plugins; their folders stay as they are. */
export class PluginsUnlink extends RigCommand<Unlinked> {
  static override paths = [['plugins', 'unlink']];
  static override usage = RigCommand.Usage({
    description: 'Forget linked plugins; their folders stay as they are',
    examples: [['Forget a plugin', '$0 plugins unlink hello']],
  });
  static override result = value<Unlinked>(
    ({ unlinked }) => [`unlinked ${unlinked.join(', ')}`],
    ({ unlinked }) => unlinked.join('\n'),
  );

  names = Option.Rest({ name: 'NAME', required: 1 });

  async run(services: Services): Promise<Unlinked> {
    await (await openUserPlugins(services)).unlink(this.names);
    return { unlinked: this.names };
  }
}
