import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, RigError } from '@rig/plugin-api';
import { removeLeftovers, replaceFile } from '../files.ts';
import { type LockOwner, withLock } from '../lock.ts';
import { pluginsDir } from './index-file.ts';

/** A plugin that the user added. */
export interface RegisteredPlugin {
  kind: 'link';
  dir: string;
  /** Paths of other plugins that this one takes over, recorded by `--override`. */
  overrides?: string[];
}

/** The user's plugins: `plugins.json` in rig's data folder. */
export interface Registry {
  version: 1;
  plugins: Record<string, RegisteredPlugin>;
}

/** Milliseconds to wait for another rig that changes plugins. */
const PATIENCE_MS = 30_000;

const registryFile = (data: string): string => join(pluginsDir(data), 'plugins.json');

/** Reads the user's registry. @throws RigError `RIG_REGISTRY_INVALID` (8) */
export function readRegistry(data: string): Registry {
  const file = registryFile(data);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, plugins: {} };
    throw error;
  }
  try {
    const parsed = JSON.parse(text) as Registry;
    if (parsed.version === 1 && typeof parsed.plugins === 'object' && parsed.plugins !== null) return parsed;
  } catch {
    // Told below, with what to do.
  }
  throw new RigError({
    code: 'RIG_REGISTRY_INVALID',
    message: `${file} is not a plugin registry that this rig can read`,
    hint: `move it away and link your plugins again: mv ${file} ${file}.broken`,
    exitCode: ExitCode.Plugin,
  });
}

/**
 * Changes the registry while no other rig does; what `change` throws leaves it as it was.
 *
 * @param after runs under the same lock, with the registry that was written
 */
export async function changeRegistry<T>(
  data: string,
  owner: LockOwner,
  change: (registry: Registry) => T,
  after: (registry: Registry) => Promise<void>,
): Promise<T> {
  const file = registryFile(data);
  await mkdir(pluginsDir(data), { recursive: true, mode: 0o700 });
  return withLock(`${file}.lock`, owner, { waitMs: PATIENCE_MS, what: 'the plugins' }, async () => {
    await removeLeftovers(file);
    const registry = readRegistry(data);
    const result = change(registry);
    await replaceFile(file, `${JSON.stringify(registry, null, 2)}\n`, { mode: 0o600 });
    await after(registry);
    return result;
  });
}
