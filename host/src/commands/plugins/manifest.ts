import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  ExitCode,
  MANIFEST_FILE,
  type Manifest,
  Option,
  parseManifest,
  RigCommand,
  RigError,
  type Services,
  value,
} from '@rig/plugin-api';
import { replaceFile } from '../../files.ts';
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
    const { name, version, entry } = readPackage(dir);
    const [{ createLoader }, { recordManifest }] = await Promise.all([import('#loader'), import('#cli')]);
    const load = createLoader(services.runtime.self[1], { anyName: true });
    const source = { kind: 'link' as const, dir, stamp: '' };
    const plugin = await load(name, { version, entry: join(dir, entry), permissions: [], source });
    const text = `${JSON.stringify(recordManifest(plugin, version, entry), null, 2)}\n`;
    const manifest = parseManifest(text, join(dir, MANIFEST_FILE));
    await replaceFile(join(dir, MANIFEST_FILE), text);
    const plugins = await openUserPlugins(services);
    // A linked plugin's new commands are there at once.
    if (plugins.linkedDir(manifest.name) === dir) await plugins.rebuild();
    services.output.note(`wrote ${join(dir, MANIFEST_FILE)}`);
    return manifest;
  }
}

function readPackage(dir: string): { name: string; version: string; entry: string } {
  const file = join(dir, 'package.json');
  const fail = (code: string, message: string, hint: string): RigError =>
    new RigError({ code, message, hint, exitCode: ExitCode.Plugin });
  if (!existsSync(file))
    throw fail(
      'RIG_NO_PLUGIN',
      `${dir} has no package.json, so it is not the folder of a plugin`,
      'rig plugins manifest DIR',
    );
  let json: { name?: string; version?: string; main?: string; exports?: unknown };
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw fail('RIG_NO_PLUGIN', `${file} is not valid JSON: ${(error as Error).message}`, `mend ${file}`);
  }
  const root = (json.exports as { '.'?: unknown } | undefined)?.['.'] ?? json.exports ?? json.main ?? './dist/index.js';
  const target = typeof root === 'string' ? root : (root as { default?: string }).default;
  const entry = (typeof target === 'string' ? target : 'dist/index.js').replace(/^\.\//, '');
  if (!existsSync(join(dir, entry)))
    throw fail(
      'RIG_PLUGIN_NOT_BUILT',
      `the plugin in ${dir} has no ${entry}: it was not built`,
      `cd ${dir} && npm run build`,
    );
  return { name: json.name ?? dir, version: json.version ?? '0.0.0', entry };
}
