import { existsSync } from 'node:fs';
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
  if (!firstPartyOnly && existsSync(join(dir, 'plugins.json'))) {
    const pointer = readPointer(dir);
    if (pointer?.build === buildId(dist)) {
      const index = readIndex(join(dir, 'indexes', pointer.folder, 'index.json'));
      if (index) return index;
    }
    return rebuildIndex(dist, data, owner);
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

/** Makes the user's index anew from the manifests. */
export async function rebuildIndex(dist: string, data: string, owner: LockOwner): Promise<CommandIndex> {
  const { openPlugins } = await import('#plugins');
  return openPlugins(dist, data, owner).rebuild();
}
