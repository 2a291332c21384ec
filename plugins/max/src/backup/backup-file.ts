import { closeSync, fsyncSync, linkSync, lstatSync, mkdtempSync, openSync, realpathSync, renameSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ExitCode, isRigError, RigError } from '@rig/plugin-api';
import { removeTree } from '../remove-tree.ts';
import { backupExists, backupUnwritable } from './errors.ts';

/** A backup that is being written beside its place: it is there whole, or not at all. */
export interface BackupFile {
  /** A folder of this backup alone, beside its place. */
  folder: string;
  /** Where the archive is written. */
  archive: string;
  /** Puts it in its place; gives where that is. */
  place(): string;
  /** Removes what is left; needed in any case. */
  remove(): Promise<void>;
}

/**
 * Prepares to write a backup.
 *
 * @param force replaces a backup that is there
 * @throws RigError `RIG_BACKUP_EXISTS` (5), `RIG_BACKUP_WRITE`, `RIG_USAGE` (2) for a place in the state folder itself
 */
export function openBackupFile(file: string, stateDir: string, force: boolean): BackupFile {
  let place: string;
  let folder: string;
  try {
    place = placeOf(file, force);
    refuseInside(place, stateDir);
    folder = mkdtempSync(join(dirname(place), `.${basename(place)}.`));
  } catch (error) {
    throw isRigError(error) ? error : backupUnwritable(file, error);
  }
  const archive = join(folder, 'archive');
  return {
    folder,
    archive,
    place: () => {
      try {
        put(archive, place, force);
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? backupExists(file) : backupUnwritable(file, error);
      }
      return place;
    },
    remove: () => removeTree(folder),
  };
}

/** The file itself, where a symlink leads to it. */
function placeOf(file: string, force: boolean): string {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) {
    const folder = dirname(file);
    if (!lstatSync(folder, { throwIfNoEntry: false }))
      throw backupUnwritable(file, new Error(`there is no folder ${folder}`));
    return join(realpathSync(folder), basename(file));
  }
  const place = realpathSync(file);
  if (!lstatSync(place).isFile()) throw backupUnwritable(file, new Error('it is there, and is no plain file'));
  if (!force) throw backupExists(file);
  return place;
}

function refuseInside(place: string, stateDir: string): void {
  const way = relative(realpathSync(stateDir), place);
  if (way.startsWith('..') || resolve(way) === way) return;
  throw new RigError({
    code: 'RIG_USAGE',
    message: `${place} is in the state folder itself, which a backup is to outlive`,
    hint: 'name a file in another folder, best on another disk',
    exitCode: ExitCode.Usage,
  });
}

function put(archive: string, place: string, force: boolean): void {
  if (force) renameSync(archive, place);
  else {
    try {
      // Unlike a rename this never replaces what somebody else has put there meanwhile.
      linkSync(archive, place);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw error;
      // A file system without hard links.
      if (lstatSync(place, { throwIfNoEntry: false }) !== undefined)
        throw Object.assign(new Error('it is there'), { code: 'EEXIST' });
      renameSync(archive, place);
    }
  }
  const handle = openSync(dirname(place), 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
