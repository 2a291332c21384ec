import { ExitCode, RigError } from '@rig/plugin-api';
import { isDiskFull } from './disk-errors.ts';
import { DiskRoom, START_BYTES } from './disk-room.ts';

/** The database is damaged or no database at all: nothing is touched, so that it can still be looked at. */
export function databaseUnreadable(file: string, reason: string): RigError {
  return new RigError({
    code: 'RIG_DATABASE_UNREADABLE',
    message: `Max cannot read its database ${file}: ${reason}`,
    hint: 'bring a backup back with: rig max restore FILE; or start anew (networks, apps and their data are lost) with: rig max reset',
    exitCode: ExitCode.Failed,
  });
}

/** The database was written by a newer Max, which this one must not touch. */
export function databaseNewer(file: string, found: number, known: number): RigError {
  return new RigError({
    code: 'RIG_DATABASE_NEWER',
    message: `the database ${file} has format ${found}, and this Max knows formats up to ${known}: a newer Max wrote it`,
    hint: 'update rig; or bring a backup of this version back with: rig max restore FILE; or choose another folder with --state-dir',
    exitCode: ExitCode.Failed,
  });
}

/** The disk that holds the state has no room. */
export function storageFull(why: string): RigError {
  return new RigError({
    code: 'RIG_STORAGE_FULL',
    message: `Max cannot keep its state: ${why}`,
    hint: 'make room on that disk, and try again; or choose another folder with --state-dir or RIG_MAX_DIR',
    exitCode: ExitCode.Failed,
  });
}

/** The folder cannot be written to. */
export function stateFolderUnusable(dir: string, reason: string): RigError {
  return new RigError({
    code: 'RIG_STATE_DIR',
    message: `Max cannot keep its state in ${dir}: ${reason}`,
    hint: 'choose another folder with --state-dir or RIG_MAX_DIR',
    exitCode: ExitCode.Failed,
  });
}

/**
 * Makes sure that a Max can start on this folder.
 *
 * @throws RigError `RIG_STORAGE_FULL`
 */
export function demandStartRoom(dir: string): void {
  const room = new DiskRoom(dir);
  const space = room.look();
  if (space !== undefined && (!space.files || space.freeBytes < START_BYTES)) throw storageFull(room.full(space));
}

/** What a failure to make or open the state's files is told as. */
export function unusable(dir: string, error: unknown): RigError {
  if (isDiskFull(error)) return storageFull(new DiskRoom(dir).full());
  return stateFolderUnusable(dir, error instanceof Error ? error.message : String(error));
}

/** Another Max works on the same folder. */
export function stateFolderInUse(dir: string, pid: number | undefined): RigError {
  return new RigError({
    code: 'RIG_MAX_RUNNING',
    message: `another Max${pid === undefined ? '' : ` (process ${pid})`} uses the folder ${dir}`,
    hint: 'see it with: rig max status; stop it with: rig max down; or choose another folder with --state-dir',
    exitCode: ExitCode.Conflict,
  });
}
