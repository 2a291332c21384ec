import { chmodSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRigError } from '@rig/plugin-api';
import Libsql from 'libsql';
import { stateFolderInUse, stateFolderUnusable } from './errors.ts';
import {
  isStateFolder,
  MARKER_FILE,
  MARKER_TEXT,
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
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    refuseForeign(dir);
    if ((statSync(dir).mode & 0o077) !== 0) chmodSync(dir, 0o700);
    lock = new Libsql(paths.lock, { timeout: 0 });
  } catch (error) {
    if (isRigError(error)) throw error;
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

/** A folder that holds anything else than Max's own files is somebody's: nothing of it may be taken for Max's later. */
function refuseForeign(dir: string): void {
  if (isStateFolder(dir)) return;
  const known = stateNames();
  const foreign = readdirSync(dir).find((name) => !known.has(name));
  if (foreign !== undefined)
    throw stateFolderUnusable(
      dir,
      `it holds other files, such as ${JSON.stringify(foreign)}, and Max wants a folder of its own`,
    );
}

/** Removes everything that is Max's from a folder that was claimed, and the folder where it is empty then. */
export function removeState(folder: StateFolder): void {
  for (const name of stateNames())
    if (name !== MARKER_FILE) rmSync(`${folder.dir}/${name}`, { recursive: true, force: true });
  folder.release();
  // The marker last: a removal that was interrupted can be taken up again.
  rmSync(`${folder.dir}/${MARKER_FILE}`, { force: true });
  if (readdirSync(folder.dir).length === 0) rmdirSync(folder.dir);
}
