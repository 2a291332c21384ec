import { resolve } from 'node:path';
import { list, Option, RigCommand, type Services } from '@rig/plugin-api';
import { openUserPlugins } from './open.ts';
import { type PluginRow, pluginColumns } from './row.ts';

/** `rig plugins link`: runs a plugin from the folder where it is developed. */
export class PluginsLink extends RigCommand<PluginRow[]> {
  static override paths = [['plugins', 'link']];
  static override usage = RigCommand.Usage({
    description: 'Run plugins from the folders where they are developed',
    details: `
      Reads the manifest of each folder and imports nothing. Link a folder again after its manifest was written anew.
    `,
    examples: [['Link the plugin in this folder', '$0 plugins link .']],
  });
  static override result = list<PluginRow>({ columns: pluginColumns, name: (row) => row.name });

  override_ = Option.Boolean('--override', false, { description: 'Take over command paths that another plugin has' });
  dirs = Option.Rest({ name: 'DIR', required: 1 });

  async run(services: Services): Promise<PluginRow[]> {
    const plugins = await openUserPlugins(services);
    const folders = this.dirs.map((dir) => resolve(services.runtime.cwd, dir));
    const manifests = await plugins.link(folders, this.override_);
    for (const { name, permissions } of manifests)
      services.output.note(
        `linked ${name}${permissions.length > 0 ? `, which may use: ${permissions.join(', ')}` : ''}`,
      );
    return manifests.map((manifest, i) => ({
      name: manifest.name,
      version: manifest.version,
      source: folders[i] as string,
      state: 'ok',
      commands: manifest.commands.map((command) => (command.paths[0] ?? []).join(' ')),
    }));
  }
}
