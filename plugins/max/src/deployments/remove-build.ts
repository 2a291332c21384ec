import { rename } from 'node:fs/promises';
import { removeTree } from '../remove-tree.ts';
import type { StatePaths } from '../store/state-paths.ts';
import { buildFolder } from './folders.ts';

/** Moves a build's folder away and removes it: nobody, such as a backup, ever finds one that is half gone. */
export async function removeBuild(paths: StatePaths, buildId: string): Promise<void> {
  const folder = buildFolder(paths, buildId);
  const away = `${folder}.removed`;
  // What an earlier removal, which was killed amid it, has left.
  await removeTree(away);
  await rename(folder, away).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await removeTree(away);
}
