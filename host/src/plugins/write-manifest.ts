import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ExitCode,
  MANIFEST_FILE,
  type Manifest,
  type PluginDefinition,
  parseManifest,
  RigError,
} from '@rig/plugin-api';
import { replaceFile } from '../files.ts';

/** Makes the manifest of a loaded plugin: the part of it that needs clipanion, which this bundle does not have. */
export type Record = (plugin: PluginDefinition, version: string, entry: string) => Manifest;

interface Package {
  name: string;
  version: string;
  /** The built file, relative to the folder. */
  entry: string;
}

/**
 * Writes the manifest of the plugin in a folder from its built classes.
 *
 * @param base a file of the host, as `createLoader` takes it
 * @throws RigError `RIG_NO_PLUGIN`, `RIG_PLUGIN_NOT_BUILT`, `RIG_PLUGIN_FAILED`, `RIG_MANIFEST_INVALID` (8)
 */
export async function writeManifest(dir: string, base: string, record: Record): Promise<Manifest> {
  const { name, version, entry } = readPackage(dir);
  const { createLoader } = await import('#loader');
  const load = createLoader(base, { anyName: true });
  const source = { kind: 'link' as const, dir, stamp: '' };
  const plugin = await load(name, { version, entry: join(dir, entry), permissions: [], source });
  const text = `${JSON.stringify(record(plugin, version, entry), null, 2)}\n`;
  const manifest = parseManifest(text, join(dir, MANIFEST_FILE));
  await replaceFile(join(dir, MANIFEST_FILE), text);
  return manifest;
}

function readPackage(dir: string): Package {
  const file = join(dir, 'package.json');
  const fail = (code: string, message: string, hint: string): RigError =>
    new RigError({ code, message, hint, exitCode: ExitCode.Plugin });
  if (!existsSync(file))
    throw fail(
      'RIG_NO_PLUGIN',
      `${dir} has no package.json, so it is not the folder of a plugin`,
      'rig plugins manifest DIR',
    );
  let json: { name?: unknown; version?: unknown; main?: unknown; exports?: unknown } | null;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw fail('RIG_NO_PLUGIN', `${file} cannot be read as JSON: ${(error as Error).message}`, `mend ${file}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw fail('RIG_NO_PLUGIN', `${file} is not an object`, `mend ${file}`);
  const entry = entryOf(json).replace(/^\.\//, '');
  if (!existsSync(join(dir, entry)))
    throw fail(
      'RIG_PLUGIN_NOT_BUILT',
      `the plugin in ${dir} has no ${entry}: it was not built`,
      `cd ${dir} && npm run build`,
    );
  const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
  return { name: text(json.name, dir), version: text(json.version, '0.0.0'), entry };
}

/** The built file that package.json names: `exports`, with or without conditions, else `main`. */
function entryOf({ exports, main }: { exports?: unknown; main?: unknown }): string {
  const root = (exports as { '.'?: unknown } | null | undefined)?.['.'] ?? exports ?? main;
  const { import: esm, default: other } = (typeof root === 'object' ? root : {}) as {
    import?: unknown;
    default?: unknown;
  };
  return [root, esm, other].find((target): target is string => typeof target === 'string') ?? 'dist/index.js';
}
