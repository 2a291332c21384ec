import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeTree } from '../../remove-tree.ts';
import { DiskRoom } from '../../store/disk-room.ts';
import { AppCache } from './app-cache.ts';
import { namesIn } from './names-in.ts';

/** How much may be kept between builds. */
export interface CacheLimits {
  /** Bytes of one app. */
  appBytes: number;
  /** Bytes of all apps; what was not used for longest goes. */
  totalBytes: number;
}

/** What holds unless a test says otherwise. */
export const CACHE_LIMITS: CacheLimits = { appBytes: 2_000_000_000, totalBytes: 10_000_000_000 };

/** The caches of all apps: a folder each. All of it may be removed at any time; the next builds take longer then. */
export class BuildCaches {
  readonly limits: CacheLimits;
  readonly #dir: string;
  readonly #room: DiskRoom;

  constructor(dir: string, limits: CacheLimits = CACHE_LIMITS) {
    this.#dir = dir;
    this.#room = new DiskRoom(dirname(dir));
    this.limits = limits;
  }

  /** The cache of an app. */
  ofApp(appId: string): AppCache {
    return new AppCache(join(this.#dir, appId), {
      maxBytes: this.limits.appBytes,
      freeBytes: () => this.#freeBytes(),
      makeRoom: () => this.#makeRoom(),
    });
  }

  /** Removes all that is kept of an app. */
  async removeApp(appId: string): Promise<void> {
    await removeTree(join(this.#dir, appId));
  }

  /** Bytes that are kept of an app. */
  async bytesOf(appId: string): Promise<number> {
    const sizes = (await filesIn(join(this.#dir, appId))).map(async (file) => (await sizeOf(file)) ?? 0);
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  /** Removes what an earlier Max had begun to write when it was killed. */
  async clean(): Promise<void> {
    for (const appId of await namesIn(this.#dir)) {
      const files = await filesIn(join(this.#dir, appId));
      for (const file of files) if (file.endsWith('.new')) await rm(file, { force: true });
    }
  }

  /** What of the disk may be used: the reserve is for what must go on, and the steps that follow need room as well. */
  #freeBytes(): number {
    const space = this.#room.look();
    return space === undefined
      ? Number.POSITIVE_INFINITY
      : Math.floor(Math.max(0, space.freeBytes - space.reserveBytes) / 2);
  }

  /** Lets go of archives until the disk has room for that much more, or none is left: a build goes before what makes it faster. */
  async makeRoomFor(bytes: number): Promise<void> {
    if (this.#room.lack(bytes) !== undefined) await this.#letGo(() => this.#room.lack(bytes) === undefined);
  }

  #makeRoom(): Promise<void> {
    return this.#letGo((total) => total <= this.limits.totalBytes);
  }

  /** Removes the archives that were not used for longest until it is enough. */
  async #letGo(isEnough: (total: number) => boolean): Promise<void> {
    const kept: Array<{ appId: string; name: string; usedAt: number; bytes: number }> = [];
    for (const appId of await namesIn(this.#dir)) {
      const files = await filesIn(join(this.#dir, appId));
      for (const file of files.filter((path) => path.endsWith('.tar'))) {
        const name = file.slice(file.lastIndexOf('/') + 1).split('.')[0]!;
        const entry = await stat(join(this.#dir, appId, `${name}.json`)).catch(() => undefined);
        // One without an entry is being written, or of no use.
        kept.push({ appId, name, usedAt: entry?.mtimeMs ?? Date.now(), bytes: (await sizeOf(file)) ?? 0 });
      }
    }
    let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    kept.sort((a, b) => a.usedAt - b.usedAt);
    for (const { appId, name, bytes } of kept) {
      if (isEnough(total)) return;
      await this.ofApp(appId).remove(name as Parameters<AppCache['remove']>[0]);
      total -= bytes;
    }
  }
}

async function filesIn(dir: string): Promise<string[]> {
  return (await namesIn(dir)).map((name) => join(dir, name));
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size;
}
