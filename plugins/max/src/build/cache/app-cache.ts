import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatBytes } from '@rig/plugin-api';
import { removeTree } from '../../remove-tree.ts';
import { isDiskFull } from '../../store/disk-errors.ts';
import { type ArchiveContext, ArchiveTooLarge, packArchive, unpackArchive } from './archive.ts';
import { changedParts, type Entry, type Fingerprint, readEntry } from './entry.ts';
import { namesIn } from './names-in.ts';

/** What an app's cache holds: one archive of each. */
export type CacheName = 'node_modules' | 'venv' | 'framework';

/** Whether something was restored; if not, why. */
export type Restored = { hit: true; bytes: number; paths: string[]; root: string } | { hit: false; why: string };

/** Whether something is kept; if not, why. */
export type Saved = { bytes: number } | { why: string };

/** Where an archive is unpacked to. */
export interface RestoreTarget {
  /** The folder that its paths lie in. */
  root: string;
  /** A folder beside it, on the same disk, for the time until all is there. */
  tmp: string;
  /** Paths that are left alone where they are there already; all else is replaced. */
  keepExisting?: boolean;
}

/** How much may be kept. */
export interface CacheBounds {
  /** Bytes of the app. */
  maxBytes: number;
  /** Bytes of the disk that may be used. */
  freeBytes(): number;
  /** Called after each save: others may have to go. */
  makeRoom(): Promise<void>;
}

/**
 * What builds of one app leave for the next one. An archive counts once the entry that names it is there, and both come by
 * renaming: one that was interrupted is no entry. Only one build of an app runs at a time.
 */
export class AppCache {
  readonly #dir: string;
  readonly #bounds: CacheBounds;

  constructor(dir: string, bounds: CacheBounds) {
    this.#dir = dir;
    this.#bounds = bounds;
  }

  /**
   * Brings back what was kept, where it was made from the same; what turns out to be damaged is removed.
   *
   * @throws the reason of the abort
   */
  async restore(
    name: CacheName,
    fingerprint: Fingerprint,
    target: RestoreTarget,
    context: ArchiveContext,
  ): Promise<Restored> {
    const entry = await readEntry(this.#entryFile(name));
    if (entry === undefined) return { hit: false, why: 'nothing is cached yet' };
    if (entry === 'damaged') return this.#dropDamaged(name);
    const changed = changedParts(entry.fingerprint, fingerprint);
    if (changed.length > 0) return { hit: false, why: `changed since: ${changed.join(', ')}` };
    const staging = join(target.tmp, `restore-${randomUUID()}`);
    try {
      const archive = join(this.#dir, entry.file);
      if ((await stat(archive)).size !== entry.bytes) return await this.#dropDamaged(name);
      await mkdir(staging, { recursive: true, mode: 0o700 });
      if (!(await unpackArchive(archive, { root: staging, digest: entry.digest }, context)))
        return await this.#dropDamaged(name);
      const paths = await moveIn(entry.paths, staging, target);
      const now = new Date();
      await utimes(this.#entryFile(name), now, now);
      return { hit: true, bytes: entry.bytes, paths, root: entry.root };
    } catch (error) {
      context.signal.throwIfAborted();
      if (isDiskFull(error)) throw error;
      await this.remove(name);
      return { hit: false, why: `the cached copy could not be used and is removed: ${(error as Error).message}` };
    } finally {
      await removeTree(staging);
    }
  }

  /**
   * Keeps paths of a folder for the next build, in the place of what was kept before.
   *
   * @throws the reason of the abort
   */
  async save(
    name: CacheName,
    fingerprint: Fingerprint,
    from: { root: string; paths: readonly string[] },
    context: ArchiveContext,
  ): Promise<Saved> {
    const fresh = join(this.#dir, `${name}.${randomUUID()}.new`);
    let maxBytes = 0;
    try {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      maxBytes = await this.#roomFor(name);
      const packed = await packArchive(fresh, { ...from, maxBytes }, context);
      const file = `${name}.${packed.digest.slice(0, 16)}.tar`;
      await rename(fresh, join(this.#dir, file));
      const { root, paths } = from;
      const savedAt = new Date().toISOString();
      const entry: Entry = { format: 1, fingerprint, file, root, paths: [...paths], savedAt, ...packed };
      await writeFile(fresh, `${JSON.stringify(entry)}\n`, { mode: 0o600, flush: true });
      await rename(fresh, this.#entryFile(name));
      await this.#removeArchives(name, file);
      await this.#bounds.makeRoom();
      return { bytes: packed.bytes };
    } catch (error) {
      context.signal.throwIfAborted();
      // What was kept before is of an older state; where the new one cannot be kept its room is better used.
      await this.remove(name);
      if (error instanceof ArchiveTooLarge) return { why: `there is room for ${formatBytes(maxBytes)}` };
      return { why: (error as Error).message };
    } finally {
      await rm(fresh, { force: true });
    }
  }

  /** Forgets what is kept under a name. */
  async remove(name: CacheName): Promise<void> {
    await rm(this.#entryFile(name), { force: true });
    await this.#removeArchives(name);
  }

  #entryFile(name: CacheName): string {
    return join(this.#dir, `${name}.json`);
  }

  async #dropDamaged(name: CacheName): Promise<Restored> {
    await this.remove(name);
    return { hit: false, why: 'the cached copy was damaged and is removed' };
  }

  async #removeArchives(name: CacheName, but?: string): Promise<void> {
    for (const file of await namesIn(this.#dir))
      if (file.startsWith(`${name}.`) && file.endsWith('.tar') && file !== but)
        await rm(join(this.#dir, file), { force: true });
  }

  /** What the other archives leave, and the disk. */
  async #roomFor(name: CacheName): Promise<number> {
    let others = 0;
    for (const file of await namesIn(this.#dir))
      if (!file.startsWith(`${name}.`)) others += (await stat(join(this.#dir, file)).catch(() => undefined))?.size ?? 0;
    const { maxBytes, freeBytes } = this.#bounds;
    return Math.min(Math.max(0, maxBytes - others), freeBytes());
  }
}

/** Moves what was unpacked to where it belongs, each path at once. */
async function moveIn(paths: readonly string[], staging: string, target: RestoreTarget): Promise<string[]> {
  const moved: string[] = [];
  for (const path of paths) {
    const place = join(target.root, path);
    if (target.keepExisting && (await stat(place).catch(() => undefined)) !== undefined) continue;
    await removeTree(place);
    await mkdir(dirname(place), { recursive: true });
    await rename(join(staging, path), place);
    moved.push(path);
  }
  return moved;
}
