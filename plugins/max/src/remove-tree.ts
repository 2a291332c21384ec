import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes a file or a folder with all that is in it, whether it is there or not. Folders that an app or a build has made
 * read-only are opened for it; what symlinks lead to is left alone.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await open(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Opens a folder and those in it; one that is gone meanwhile is as good: a failed `rm` goes on removing for a while. */
async function open(path: string): Promise<void> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory()) return;
    if ((found.mode & 0o700) !== 0o700) await chmod(path, 0o700);
    for (const entry of await readdir(path, { withFileTypes: true }))
      if (entry.isDirectory()) await open(join(path, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
