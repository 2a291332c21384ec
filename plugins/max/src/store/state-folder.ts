import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { stateFolderInUse, stateFolderUnusable } from './errors.ts';
import { MARKER_FILE, MARKER_TEXT, readRunFile, statePaths, type StatePaths } from './state-paths.ts';

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
    if ((statSync(dir).mode & 0o077) !== 0) chmodSync(dir, 0o700);
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
