import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, MANIFEST_FILE, type Manifest, parseManifest, RigError } from '@rig/plugin-api';

/** A file's time and size: enough to see that a manifest was written anew. */
export function stampOf(file: string): string {
  try {
    const { mtimeMs, size } = statSync(file);
    return `${Math.round(mtimeMs)}-${size}`;
  } catch {
    return 'missing';
  }
}

function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A folder on the way may not be entered: reading the file says why.
    return true;
  }
}

/**
 * Reads the manifest of a folder, and never imports anything of it.
 *
 * @throws RigError `RIG_NO_PLUGIN`, `RIG_PLUGIN_NOT_BUILT`, and what `parseManifest` throws (8)
 */
export function readManifest(dir: string): Manifest {
  const file = join(dir, MANIFEST_FILE);
  const fail = (code: string, message: string, hint: string): RigError =>
    new RigError({ code, message, hint, exitCode: ExitCode.Plugin });
  if (!isThere(file)) {
    if (!isThere(join(dir, 'package.json')))
      throw fail(
        'RIG_NO_PLUGIN',
        `${dir} is not the folder of a plugin: it has neither package.json nor ${MANIFEST_FILE}`,
        'name the folder of a plugin: rig plugins link DIR',
      );
    throw fail(
      'RIG_PLUGIN_NOT_BUILT',
      `${dir} has no ${MANIFEST_FILE}: it was not built`,
      `build it, then: rig plugins manifest ${dir}`,
    );
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fail('RIG_MANIFEST_INVALID', `${file} cannot be read: ${(error as Error).message}`, `ls -l ${file}`);
  }
  const manifest = parseManifest(text, file);
  if (!isThere(join(dir, manifest.entry)))
    throw fail(
      'RIG_PLUGIN_NOT_BUILT',
      `the plugin "${manifest.name}" has no ${manifest.entry} in ${dir}: it was not built`,
      `cd ${dir} && npm run build`,
    );
  return manifest;
}
