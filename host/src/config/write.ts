import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isRigError, RigError } from '@rig/plugin-api';
import { lockFile } from './lock.ts';

/** How a file is replaced. */
export interface WriteOptions {
  /** Permissions of the file; `undefined` keeps those it has, or takes what the system gives a new one. */
  mode: number | undefined;
}

/**
 * Changes a file under its lock: reads it, lets `edit` make the new text, and replaces the file as a whole. Whatever
 * happens in between, the file is the old or the new one; other writers wait.
 *
 * @param edit gets `undefined` where there is no file; what it gives back unchanged is not written
 * @throws RigError `RIG_CONFIG_WRITE`, `RIG_CONFIG_LOCKED`, and what `edit` throws
 */
export async function updateFile(
  path: string,
  options: WriteOptions,
  edit: (text: string | undefined) => Promise<string>,
): Promise<void> {
  try {
    const file = await targetOf(path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    for (;;) {
      const lock = await lockFile(file);
      try {
        await removeLeftovers(file);
        const old = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined;
          throw error;
        });
        const text = await edit(old);
        if (text === old) return;
        if (await replace(file, text, options, () => lock.holds())) return;
      } finally {
        await lock.release();
      }
    }
  } catch (error) {
    if (isRigError(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RigError({
      code: 'RIG_CONFIG_WRITE',
      message: `the settings in ${path} cannot be written: ${message}; nothing was changed`,
      hint:
        code === 'ENOSPC'
          ? 'make room on that disk, and try again'
          : `check who may write ${dirname(path)}: ls -ld ${dirname(path)}`,
      cause: error,
    });
  }
}

/** The file that is meant: a link is followed, never replaced, also where what it names is not there yet. */
async function targetOf(path: string): Promise<string> {
  let file = resolve(path);
  for (let hops = 0; hops < 40; hops++) {
    const entry = await lstat(file).catch(() => undefined);
    if (!entry?.isSymbolicLink()) break;
    file = resolve(dirname(file), await readlink(file));
  }
  const dir = await realpath(dirname(file)).catch(() => dirname(file));
  return join(dir, basename(file));
}

const temporaryOf = (file: string): string => `${file}.${randomBytes(6).toString('hex')}.tmp`;

/** What a killed rig left half written: nobody else writes it while the lock is held. */
async function removeLeftovers(file: string): Promise<void> {
  const name = basename(file);
  for (const entry of await readdir(dirname(file)))
    if (entry.startsWith(`${name}.`) && /^\.[0-9a-f]{12}\.tmp$/.test(entry.slice(name.length)))
      await rm(join(dirname(file), entry), { force: true });
}

/** Writes beside the file, syncs, and renames over it; `false` where the lock was lost meanwhile. */
async function replace(
  file: string,
  text: string,
  { mode }: WriteOptions,
  allowed: () => Promise<boolean>,
): Promise<boolean> {
  const before = await stat(file).catch(() => undefined);
  const temporary = temporaryOf(file);
  try {
    const handle = await open(temporary, 'wx', mode ?? 0o666);
    try {
      await handle.writeFile(text);
      if (before) await handle.chmod(mode ?? before.mode & 0o777);
      // With sudo, the file stays its owner's; where that is not allowed it becomes the writer's.
      if (before) await handle.chown(before.uid, before.gid).catch(() => {});
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (!(await allowed())) {
      await rm(temporary, { force: true });
      return false;
    }
    await renameOver(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
  return true;
}

/** Windows refuses to replace a file that somebody reads at this moment. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (attempt >= 20 || (code !== 'EPERM' && code !== 'EBUSY' && code !== 'EACCES')) throw error;
      if (code === 'EACCES' && attempt >= 2) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** Makes the rename itself last; not every system can open a folder. */
async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r').catch(() => undefined);
  if (!handle) return;
  await handle.sync().catch(() => {});
  await handle.close();
}
