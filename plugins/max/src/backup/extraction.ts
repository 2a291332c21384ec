import { chmodSync, closeSync, fchmodSync, futimesSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Sink } from './archive-reader.ts';
import { backupUnsafe } from './errors.ts';
import type { Entry } from './format.ts';

/**
 * Writes the entries of a backup into a new folder. Every folder on the way to an entry is one that was made here, so that
 * nothing is ever written through a symlink, and nothing is written twice.
 */
export class Extraction implements Sink {
  readonly #root: string;
  readonly #file: string;
  readonly #made = new Set<string>();
  readonly #closed: Array<[path: string, mode: number]> = [];

  /** @param file the backup, for messages; @param root a new folder */
  constructor(file: string, root: string) {
    this.#file = file;
    this.#root = root;
    mkdirSync(root, { mode: 0o700 });
    this.#made.add('.');
  }

  add({ path, type, mode, target }: Entry): void {
    if (type === 'symlink') {
      this.#folder(dirname(path));
      this.#once(path, () => symlinkSync(target ?? '', join(this.#root, path)));
      return;
    }
    this.#folder(path);
    // One that its owner cannot write to gets its mode when everything is in it.
    if ((mode & 0o700) === 0o700) chmodSync(join(this.#root, path), mode);
    else this.#closed.push([path, mode]);
  }

  file({ path, mode, mtime }: Entry): ReturnType<Sink['file']> {
    this.#folder(dirname(path));
    const handle = this.#once(path, () => openSync(join(this.#root, path), 'wx', 0o600));
    return {
      write: (piece) => {
        for (let written = 0; written < piece.length; ) written += writeSync(handle, piece, written);
      },
      end: () => {
        // Retention and clean-up go by the time of a file.
        futimesSync(handle, mtime, mtime);
        fchmodSync(handle, mode);
        closeSync(handle);
      },
      abort: () => closeSync(handle),
    };
  }

  /** Closes the folders that are to be closed: call it when everything is there. */
  end(): void {
    for (const [path, mode] of this.#closed.reverse()) chmodSync(join(this.#root, path), mode);
  }

  #folder(path: string): void {
    if (this.#made.has(path)) return;
    this.#folder(dirname(path));
    this.#once(path, () => mkdirSync(join(this.#root, path), { mode: 0o700 }));
    this.#made.add(path);
  }

  #once<T>(path: string, make: () => T): T {
    try {
      return make();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
      throw backupUnsafe(
        this.#file,
        `${JSON.stringify(path)} in it is there twice, or leads through a file or symlink`,
      );
    }
  }
}
