import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, isRigError, RigError } from '@rig/plugin-api';
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

const isPlugin = (value: Partial<RegisteredPlugin> | null): boolean =>
  value?.kind === 'link' &&
  typeof value.dir === 'string' &&
  (value.overrides === undefined || Array.isArray(value.overrides));

/** The registry in a text, or `undefined` where it is none. */
function parseRegistry(text: string): Registry | undefined {
  try {
    const { version, plugins } = JSON.parse(text) as Registry;
    if (version !== 1 || !Object.values(plugins).every(isPlugin)) return undefined;
    // Its keys are names that people choose: "constructor" must not be there before it is added.
    return { version, plugins: Object.assign(Object.create(null), plugins) };
  } catch {
    return undefined;
  }
}

/** Reads the user's registry. @throws RigError `RIG_REGISTRY_INVALID` (8) */
export function readRegistry(data: string): Registry {
  const file = registryFile(data);
  const fail = (why: string, hint: string, cause?: unknown): RigError =>
    new RigError({
      code: 'RIG_REGISTRY_INVALID',
      message: `${file} ${why}`,
      hint: `${hint}; without your plugins: rig --no-plugins …`,
      exitCode: ExitCode.Plugin,
      cause,
    });
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { version: 1, plugins: Object.create(null) };
    throw fail(`cannot be read: ${message}`, `see who may read it: ls -l ${file}`, error);
  }
  const registry = parseRegistry(text);
  if (registry) return registry;
  throw fail(
    'is not a plugin registry that this rig can read',
    `move it away and link your plugins again: mv ${file} ${file}.broken`,
  );
}

/** Whether rig may not write there at all, as opposed to a fault. */
export const isReadOnly = (error: unknown): boolean =>
  ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException)?.code ?? '');

/** Does some work on the user's plugins while no other rig does. */
export async function withRegistry<T>(data: string, owner: LockOwner, work: () => Promise<T>): Promise<T> {
  await mkdir(pluginsDir(data), { recursive: true, mode: 0o700 });
  return withLock(`${registryFile(data)}.lock`, owner, { waitMs: PATIENCE_MS, what: 'the plugins' }, work);
}

/**
 * Changes the registry while no other rig does; what `change` or `prepare` throws leaves it as it was.
 *
 * @param prepare makes all that follows from the new registry, and gives what writes it
 * @throws RigError `RIG_REGISTRY_WRITE` (1), and what `change` and `prepare` throw
 */
export async function changeRegistry<T>(
  data: string,
  owner: LockOwner,
  change: (registry: Registry) => T,
  prepare: (registry: Registry) => () => Promise<void>,
): Promise<T> {
  const file = registryFile(data);
  try {
    return await withRegistry(data, owner, async () => {
      await removeLeftovers(file);
      const registry = readRegistry(data);
      const result = change(registry);
      const write = prepare(registry);
      await replaceFile(file, `${JSON.stringify(registry, null, 2)}\n`, { mode: 0o600 });
      await write();
      return result;
    });
  } catch (error) {
    // Only what the system refused is told so; a fault of rig is not.
    if (isRigError(error) || (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    const dir = pluginsDir(data);
    throw new RigError({
      code: 'RIG_REGISTRY_WRITE',
      message: `the list of linked plugins in ${dir} cannot be written: ${(error as Error).message}`,
      hint: `see who may write there, and whether there is room: ls -ld ${dir}; df ${dir}`,
      cause: error,
    });
  }
}
