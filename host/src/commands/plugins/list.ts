import { list, RigCommand, type Services } from '@rig/plugin-api';
import type { IndexedPlugin } from '../../plugins/index-file.ts';
import { openUserPlugins } from './open.ts';
import { type PluginRow, pluginColumns } from './row.ts';

function stateOf({ failed, refused }: IndexedPlugin): string {
  if (failed) return `failed: ${failed.message}`;
  if (!refused) return 'ok';
  return `without ${refused.map((path) => `"rig ${path}"`).join(', ')}: another plugin has it`;
}

/** `rig plugins list`: every plugin with its source and state. */
export class PluginsList extends RigCommand<PluginRow[]> {
  static override paths = [['plugins', 'list']];
  static override usage = RigCommand.Usage({ description: 'List plugins with their source and state' });
  static override result = list<PluginRow>({ columns: pluginColumns, name: (row) => row.name });

  async run(services: Services): Promise<PluginRow[]> {
    const inputs = (await openUserPlugins(services)).inputs();
    return inputs
      .filter((plugin) => plugin.name !== 'rig')
      .map((plugin) => ({
        name: plugin.name,
        version: plugin.version,
        source: plugin.source?.dir ?? 'first-party',
        state: stateOf(plugin),
        commands: plugin.commands.map((command) => (command.paths[0] ?? []).join(' ')),
      }));
  }
}
