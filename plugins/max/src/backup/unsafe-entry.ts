import { backupUnsafe } from './errors.ts';
import type { Entry } from './format.ts';

const ID = '[a-z]{3}_[a-z2-9]+';

/** What belongs to apps: they could make any file there themselves, and any symlink. */
const OF_APPS = new RegExp(`^(?:builds/${ID}/app|apps/${ID}/home)(?:/|$)`);

/** What belongs to Max: files alone, each in its place. */
const OF_MAX = new RegExp(
  `^(?:max\\.db|max\\.key|owner-token|ssh-host-key|content/[0-9a-f]{2}/[0-9a-f]{64}|logs/(?:apps|builds)/${ID}/\\d{16}\\.log(?:\\.damaged)?)$`,
);

/**
 * Refuses what a backup never holds: paths that lead out of the state folder or to a place where Max has something else,
 * and symlinks where Max itself reads and writes.
 *
 * @throws RigError `RIG_BACKUP_UNSAFE`
 */
export function refuseUnsafe(file: string, { path, type }: Entry): void {
  const name = JSON.stringify(path);
  const steps = path.split('/');
  if (path.includes('\0') || steps.some((step) => step === '' || step === '.' || step === '..'))
    throw backupUnsafe(file, `${name} in it leads out of the state folder`);
  const match = OF_APPS.exec(path);
  if (match === null) {
    if (!OF_MAX.test(path)) throw backupUnsafe(file, `${name} in it is nothing that Max keeps`);
    if (type !== 'file') throw backupUnsafe(file, `${name} in it should be a file, and is a ${type}`);
  } else if (match[0].length === path.length && type !== 'folder')
    throw backupUnsafe(file, `${name} in it should be a folder, and is a ${type}`);
}
