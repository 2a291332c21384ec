import { join, resolve } from 'node:path';
import { MANIFEST_FILE, type Manifest, Option, RigCommand, type Services, value } from '@rig/plugin-api';
import { openUserPlugins } from './open.ts';

/** `rig plugins manifest`: writes a plugin's manifest from its classes. */
export class PluginsManifest extends RigCommand<Manifest> {
  static override paths = [['plugins', 'manifest']];
  static override usage = RigCommand.Usage({
    description: "Write a plugin's manifest from its built classes",
    details: `
      Run it in a plugin's own folder after its build, and commit the file: rig reads commands, taps and permissions
      from it, and never imports a plugin before one of its commands or taps is needed.
    `,
    examples: [['Write the manifest of the plugin in this folder', '$0 plugins manifest']],
  });
  static override result = value<Manifest>((manifest) => [
    {
      fields: [
        ['plugin', `${manifest.name} ${manifest.version}`],
        ['entry', manifest.entry],
        ['taps', manifest.taps.join(', ')],
        ['permissions', manifest.permissions.join(', ')],
      ],
    },
    {
      columns: ['COMMAND', 'DESCRIPTION'],
      rows: manifest.commands.map((command) => [`rig ${command.paths[0]?.join(' ')}`, command.description]),
    },
  ]);

  dir = Option.String({ required: false, name: 'DIR' });

  async run(services: Services): Promise<Manifest> {
    const dir = resolve(services.runtime.cwd, this.dir ?? '.');
    const [{ writeManifest }, { recordManifest }] = await Promise.all([import('#plugins'), import('#cli')]);
    const manifest = await writeManifest(dir, services.runtime.self[1], recordManifest);
    const plugins = await openUserPlugins(services);
    // A linked plugin's new commands are there at once.
    if (plugins.linkedDir(manifest.name) === dir) await plugins.rebuild();
    services.output.note(`wrote ${join(dir, MANIFEST_FILE)}`);
    return manifest;
  }
}
