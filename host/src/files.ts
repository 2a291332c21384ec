import { lstat, mkdir, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * A name for a temporary file beside another. It need not be a secret: the file is opened exclusively.
 * (node:crypto would cost every start of rig a tenth of its time.)
 */
export function temporaryName(file: string): string {
  const random = `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`.padEnd(TAG_LENGTH, '0');
  return `${file}.${random.slice(0, TAG_LENGTH)}.tmp`;
}

const TAG_LENGTH = 16;
const TAG = /^\.[0-9a-z]{16}\.tmp$/;

/** Whether a file could not be written for want of room on its disk, or in the user's quota. */
export function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** How a file is replaced. */
export interface ReplaceOptions {
  /** Permissions of the file; `undefined` keeps those it has, or takes what the system gives a new one. */
  mode?: number | undefined;
}

/**
 * Replaces a file as a whole: written beside it, synced, renamed over it. After a crash there is the old or the new one.
 *
 * With `sudo` the file stays its owner's.
 */
export async function replaceFile(
  file: string,
  content: string | Uint8Array,
  { mode }: ReplaceOptions = {},
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const before = await stat(file).catch(() => undefined);
  const temporary = temporaryName(file);
  try {
    const handle = await open(temporary, 'wx', mode ?? 0o666);
    try {
      await handle.writeFile(content);
      if (before) await handle.chmod(mode ?? before.mode & 0o777);
      // Where that is not allowed it becomes the writer's.
      if (before) await handle.chown(before.uid, before.gid).catch(() => {});
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameOver(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(file));
}

/** Removes what a killed rig left half written beside a file. Call it under the file's lock: nobody else writes then. */
export async function removeLeftovers(file: string): Promise<void> {
  const name = basename(file);
  for (const entry of await readdir(dirname(file)))
    if (entry.startsWith(`${name}.`) && TAG.test(entry.slice(name.length)))
      await rm(join(dirname(file), entry), { force: true });
}

/** The file that is meant: a link is followed, never replaced, also where what it names is not there yet. */
export async function followLinks(path: string): Promise<string> {
  let file = resolve(path);
  for (let hops = 0; hops < 40; hops++) {
    const entry = await lstat(file).catch(() => undefined);
    if (!entry?.isSymbolicLink()) break;
    file = resolve(dirname(file), await readlink(file));
  }
  const dir = await realpath(dirname(file)).catch(() => dirname(file));
  return join(dir, basename(file));
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
