import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** What a client's paths mean. */
export class Paths {
  readonly #folder: string;
  readonly #home: string;

  /** @param folder where relative paths begin; @param home what `~` stands for */
  constructor(folder: string, home: string) {
    this.#folder = folder;
    this.#home = home;
  }

  /** An absolute path. */
  of(path: string): string {
    return resolve(this.#folder, path);
  }

  /** An absolute path without links or steps back; its last part need not be there. */
  async real(path: string): Promise<string> {
    const absolute = this.of(path);
    try {
      return await realpath(absolute);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (await isThere(absolute))) throw error;
      return join(await realpath(dirname(absolute)), basename(absolute));
    }
  }

  /** The same, where `~` is the app's home, as its shells have it. */
  expanded(path: string): Promise<string> {
    return this.real(path === '~' || path.startsWith('~/') ? join(this.#home, path.slice(2)) : path);
  }
}

/** Whether a path leads to something, if only to a link that leads nowhere. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
