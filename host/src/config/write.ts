import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRigError, RigError } from '@rig/plugin-api';
import { followLinks, isFull, type ReplaceOptions, removeLeftovers, replaceFile } from '../files.ts';
import { type LockOwner, withLock } from '../lock.ts';

/** Milliseconds to wait for other rigs that keep writing. */
const PATIENCE_MS = 30_000;

/**
 * Changes a file under its lock: reads it, lets `edit` make the new text, and replaces the file as a whole. Whatever
 * happens in between, the file is the old or the new one; other writers wait.
 *
 * @param edit gets `undefined` where there is no file; what it gives back unchanged is not written
 * @throws RigError `RIG_CONFIG_WRITE`, `RIG_LOCKED`, and what `edit` throws
 */
export async function updateFile(
  path: string,
  options: ReplaceOptions,
  owner: LockOwner,
  edit: (text: string | undefined) => Promise<string>,
): Promise<void> {
  try {
    const file = await followLinks(path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await withLock(`${file}.lock`, owner, { waitMs: PATIENCE_MS, what: path }, async () => {
      await removeLeftovers(file);
      const old = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      const text = await edit(old);
      if (text !== old) await replaceFile(file, text, options);
    });
  } catch (error) {
    if (isRigError(error)) throw error;
    const { message } = error as NodeJS.ErrnoException;
    throw new RigError({
      code: 'RIG_CONFIG_WRITE',
      message: `the settings in ${path} cannot be written: ${message}; nothing was changed`,
      hint: isFull(error)
        ? 'make room on that disk, and try again'
        : `check who may write ${dirname(path)}: ls -ld ${dirname(path)}`,
      cause: error,
    });
  }
}
