import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRigError } from '@rig/plugin-api';
import Libsql from 'libsql';
import { removeTree } from '../remove-tree.ts';
import { stateFolderInUse, unusable } from './errors.ts';
import { prepareStateDir } from './prepare-state-dir.ts';
import { makePrivate, writePrivateFile } from './private-file.ts';
import { finishRestore } from './restore-journal.ts';
import {
  isStateFolder,
  MARKER_FILE,
  MARKER_TEXT,
  REPLACED_FOLDER,
  RESTORED_FOLDER,
  readRunFile,
  type StatePaths,
  stateNames,
  statePaths,
} from './state-paths.ts';

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
    throw unusable(dir, error);
  }
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') throw stateFolderInUse(dir, readRunFile(dir)?.pid);
    throw unusable(dir, error);
  }
  try {
    mark(dir);
    finishRestore(dir);
  } catch (error) {
    lock.close();
    throw isRigError(error) ? error : unusable(dir, error);
  }
  return { ...paths, release: () => lock.close() };
}

/** Puts the marker where it is missing: written anew each time, a full disk would leave it empty. */
function mark(dir: string): void {
  if (!isStateFolder(dir)) writePrivateFile(join(dir, MARKER_FILE), MARKER_TEXT);
}

/** Removes what a restore has set aside, or had begun to make when it was killed; call it with the folder claimed. */
export async function removeRestoreLeftovers(dir: string): Promise<void> {
  await removeTree(join(dir, RESTORED_FOLDER));
  await removeTree(join(dir, REPLACED_FOLDER));
}

/** Removes everything that is Max's from a folder that was claimed, and the folder where it is empty then. */
export async function removeState(folder: StateFolder): Promise<void> {
  for (const name of stateNames()) if (name !== MARKER_FILE) await removeTree(join(folder.dir, name));
  folder.release();
  // The marker last: a removal that was interrupted can be taken up again.
  await removeTree(join(folder.dir, MARKER_FILE));
  if (readdirSync(folder.dir).length === 0) rmdirSync(folder.dir);
}
