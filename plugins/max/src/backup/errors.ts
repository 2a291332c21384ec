import { ExitCode, RigError } from '@rig/plugin-api';

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The file to write is there, and may be the only good backup. */
export function backupExists(file: string): RigError {
  return new RigError({
    code: 'RIG_BACKUP_EXISTS',
    message: `${file} exists already, and was left as it is`,
    hint: 'name another file, or replace this one with --force',
    exitCode: ExitCode.Conflict,
  });
}

/** The backup cannot be written where it should go. */
export function backupUnwritable(file: string, cause: unknown): RigError {
  return new RigError({
    code: 'RIG_BACKUP_WRITE',
    message: `the backup ${file} cannot be written: ${why(cause)}; nothing of it was left behind`,
    hint: 'make room or choose another place, and back up again; a backup needs room beside FILE for the database too',
    cause,
  });
}

/** Something of the state cannot be read; a backup that leaves it out in silence would be none. */
export function stateUnreadable(path: string, reason: string): RigError {
  return new RigError({
    code: 'RIG_BACKUP_READ',
    message: `${path} cannot be read, so that the backup would lack it: ${reason}`,
    hint: 'let this user read it, or remove it, and back up again',
  });
}

/** The state changed faster than it could be read. */
export function stateUnsettled(reason: string): RigError {
  return new RigError({
    code: 'RIG_BACKUP_UNSETTLED',
    message: `no consistent backup came about: ${reason}`,
    hint: 'back up again when fewer apps are deployed and deleted, or while Max is down',
  });
}

/** There is no such file to restore from. */
export function backupMissing(file: string, cause: unknown): RigError {
  return new RigError({
    code: 'RIG_BACKUP_NOT_FOUND',
    message: `the backup ${file} cannot be read: ${why(cause)}`,
    hint: 'name a file that rig max backup wrote',
    exitCode: ExitCode.NotFound,
  });
}

/** The file is none of ours, or was cut or damaged. */
export function backupInvalid(file: string, reason: string): RigError {
  return new RigError({
    code: 'RIG_BACKUP_INVALID',
    message: `${file} cannot be restored: ${reason}; nothing was changed`,
    hint: 'copy it again from where it was made, or take an earlier backup',
  });
}

/** The file holds what no backup of a Max holds, such as a path that leads elsewhere. */
export function backupUnsafe(file: string, reason: string): RigError {
  return new RigError({
    code: 'RIG_BACKUP_UNSAFE',
    message: `${file} is refused: ${reason}; nothing was changed`,
    hint: 'rig max backup writes no such file: take one that you made yourself',
  });
}

/** A newer rig wrote the file. */
export function backupNewer(file: string, reason: string): RigError {
  return new RigError({
    code: 'RIG_BACKUP_NEWER',
    message: `${file} was written by a newer rig: ${reason}; nothing was changed`,
    hint: 'update rig on this machine, and restore again',
  });
}
