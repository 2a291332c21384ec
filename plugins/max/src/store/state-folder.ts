import { readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { removeTree } from '../remove-tree.ts';
import { stateFolderInUse, stateFolderUnusable } from './errors.ts';
import { prepareStateDir } from './prepare-state-dir.ts';
import { makePrivate } from './private-file.ts';
import { MARKER_FILE, MARKER_TEXT, readRunFile, type StatePaths, stateNames, statePaths } from './state-paths.ts';

/** Max's state folder, held by this process alone until `release`. */
export interface StateFolder extends StatePaths {
  release(): void;
}

/**
 * Makes the folder where it is not there, readable by this user alone, and takes its exclusive lock.
 *
 * The lock is one of the kernel's, taken through the database library: it ends with the process, however that dies.
 *
 * @throws RigError `RIG_MAX_RUNNING` when another Max holds it, `RIG_STATE_DIR` when the folder cannot be used
 */
export function claimStateFolder(dir: string): StateFolder {
  const paths = statePaths(dir);
  let lock: Libsql.Database;
  prepareStateDir(dir);
  try {
    makePrivate(paths.lock);
    lock = new Libsql(paths.lock, { timeout: 0 });
  } catch (error) {
    throw stateFolderUnusable(dir, error instanceof Error ? error.message : String(error));
  }
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') throw stateFolderInUse(dir, readRunFile(dir)?.pid);
    throw stateFolderUnusable(dir, error instanceof Error ? error.message : String(error));
  }
  writeFileSync(join(dir, MARKER_FILE), MARKER_TEXT, { mode: 0o600 });
  return { ...paths, release: () => lock.close() };
}

/** Removes everything that is Max's from a folder that was claimed, and the folder where it is empty then. */
export async function removeState(folder: StateFolder): Promise<void> {
  for (const name of stateNames()) if (name !== MARKER_FILE) await removeTree(join(folder.dir, name));
  folder.release();
  // The marker last: a removal that was interrupted can be taken up again.
  await removeTree(join(folder.dir, MARKER_FILE));
  if (readdirSync(folder.dir).length === 0) rmdirSync(folder.dir);
}
