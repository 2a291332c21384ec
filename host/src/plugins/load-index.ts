import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, RigError } from '@rig/plugin-api';
import type { LockOwner } from '../lock.ts';
import { buildId } from './build-id.ts';
import { type CommandIndex, pluginsDir, readIndex, readPointer } from './index-file.ts';

/** Reads the one index that routing needs: the user's if there is one that this build wrote, else rig's own. */
export async function loadIndex(
  dist: string,
  data: string,
  owner: LockOwner,
  firstPartyOnly: boolean,
): Promise<CommandIndex> {
  const dir = pluginsDir(data);
  if (!firstPartyOnly && existsSync(dir)) {
    const pointer = readPointer(dir);
    if (existsSync(join(dir, 'plugins.json'))) {
      if (pointer?.build === buildId(dist)) {
        const index = readIndex(join(dir, 'indexes', pointer.folder, 'index.json'));
        if (index) return index;
      }
      const { openPlugins } = await import('#plugins');
      return openPlugins(dist, data, owner).rebuild();
    }
    if (pointer) forget(join(dir, 'current'));
  }
  const index = readIndex(join(dist, 'index.json'));
  if (index) return index;
  throw new RigError({
    code: 'RIG_NOT_BUILT',
    message: `${join(dist, 'index.json')} is missing or damaged`,
    hint: 'install rig again, or in its repository: npm run build',
    exitCode: ExitCode.Failed,
  });
}

/** The same index, or one made anew where the user's plugins or their manifests are not what it was made from. */
export async function refreshIndex(
  dist: string,
  data: string,
  owner: LockOwner,
  index: CommandIndex,
): Promise<CommandIndex> {
  if (!Object.values(index.plugins).some(({ source }) => source) && !existsSync(join(pluginsDir(data), 'plugins.json')))
    return index;
  const { openPlugins } = await import('#plugins');
  const plugins = openPlugins(dist, data, owner);
  return plugins.isStale(index) ? plugins.rebuild() : index;
}

/** The registry was moved away: without its pointer the shim no longer shows help of plugins that are gone. */
function forget(pointer: string): void {
  try {
    rmSync(pointer, { force: true });
  } catch {
    // Where nothing may be written, stale help stays; the commands themselves are gone all the same.
  }
}
