import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../remove-tree.ts';
import type { StatePaths } from '../store/state-paths.ts';

/** What holds the folders of sessions, and of detached commands, beneath that of their app or network. */
const HOLDERS = new Set(['sessions', 'commands']);

/** Only those of sessions: what else lies beside them is a person's. */
const SESSION_NAME = /^ses_[a-z2-9]{24}$/;

/**
 * What sessions of a Max that was killed had of their own. A symlink is a person's, whatever it leads to.
 *
 * @param isKept whether a session's folder is still needed
 */
export async function leftoverFolders(
  { apps, networks }: Pick<StatePaths, 'apps' | 'networks'>,
  isKept: (id: string) => boolean,
): Promise<string[]> {
  const owners = [...(await foldersIn(apps)), ...(await foldersIn(networks))];
  const left: string[] = [];
  for (const { path: owner } of owners)
    for (const { path: holder, name } of await foldersIn(owner))
      if (HOLDERS.has(name))
        for (const { path, name: id } of await foldersIn(holder))
          if (SESSION_NAME.test(id) && !isKept(id)) left.push(path);
  return left;
}

/** Removes folders one after the other; one that stays is told. */
export async function removeFolders(folders: readonly string[], report: (text: string) => void): Promise<void> {
  for (const path of folders)
    await removeTree(path).catch((error: Error) => report(`${path} could not be removed: ${error.message}`));
}

/** The folders in a folder that may not be there, without symlinks. */
async function foldersIn(path: string): Promise<Array<{ path: string; name: string }>> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => ({ path: join(path, name), name }));
}
