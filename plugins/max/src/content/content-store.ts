import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, statSync, unlinkSync } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chunk } from '@rig/plugin-api/max';
import { DiskRoom } from '../store/disk-room.ts';
import { ChunkWriter } from './chunk-writer.ts';

const TEMPORARY = 'tmp';
const isDigest = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);

/** Lets other work run in between: a big tree asks for hundreds of thousands of files. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Files named by the SHA-256 of their content. A file is either whole or not there: it is written beside, checked,
 * brought to disk and renamed.
 */
export class ContentStore {
  /** What is left on its disk: whoever adds to it asks first. */
  readonly room: DiskRoom;
  readonly #dir: string;
  #wanted: Set<string> | undefined;
  #counter = 0;

  constructor(dir: string, room: DiskRoom = new DiskRoom(dir)) {
    this.#dir = dir;
    this.room = room;
    mkdirSync(join(dir, TEMPORARY), { recursive: true, mode: 0o700 });
  }

  /** Removes what an earlier Max had begun to write when it was killed. */
  async clean(): Promise<void> {
    const dir = join(this.#dir, TEMPORARY);
    for (const name of await readdir(dir)) await rm(join(dir, name), { force: true });
  }

  /** Where a digest's content lies, or will lie. */
  path(digest: string): string {
    return join(this.#dir, digest.slice(0, 2), digest);
  }

  /** Whether a chunk is here, whole. */
  has(chunk: Chunk): boolean {
    this.#wanted?.add(chunk.digest);
    // A file of another size was damaged from outside: it is taken as missing and written anew.
    return statSync(this.path(chunk.digest), { throwIfNoEntry: false })?.size === chunk.size;
  }

  /** The chunks that are not here, each once, in the order given. */
  async missing(chunks: Iterable<Chunk>): Promise<Chunk[]> {
    const seen = new Set<string>();
    const missing: Chunk[] = [];
    for (const chunk of chunks) {
      if (seen.has(chunk.digest)) continue;
      seen.add(chunk.digest);
      if (seen.size % 2000 === 0) await breathe();
      if (!this.has(chunk)) missing.push(chunk);
    }
    return missing;
  }

  /** Begins to write a chunk; nothing of it is seen before its `commit`. */
  async begin(digest: string): Promise<ChunkWriter> {
    this.#counter += 1;
    const temporary = join(this.#dir, TEMPORARY, `${digest}.${this.#counter}`);
    const file = await open(temporary, 'wx', 0o600);
    return new ChunkWriter(file, temporary, digest, async () => {
      const path = this.path(digest);
      mkdirSync(join(this.#dir, digest.slice(0, 2)), { recursive: true, mode: 0o700 });
      await rename(temporary, path);
    });
  }

  /** Keeps a small chunk; gives `false`, and keeps nothing, where the content is not what its digest says. */
  async put(digest: string, bytes: Buffer): Promise<boolean> {
    if (createHash('sha256').update(bytes).digest('hex') !== digest) return false;
    const writer = await this.begin(digest);
    try {
      await writer.write(bytes);
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return await writer.commit();
  }

  /**
   * Reads a chunk and checks it on the way; the last piece is given only when the whole is right. A damaged one is
   * removed, so that the next deploy sends it again.
   */
  async *read(chunk: Chunk): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    let last: Buffer | undefined;
    for await (const piece of createReadStream(this.path(chunk.digest), { highWaterMark: 256 * 1024 })) {
      if (last !== undefined) yield last;
      last = piece as Buffer;
      hash.update(last);
    }
    await this.#verify(chunk, hash.digest('hex'));
    if (last !== undefined) yield last;
  }

  /** Reads a small chunk at once, checked as {@link read} does. */
  async readWhole(chunk: Chunk): Promise<Buffer> {
    const bytes = await readFile(this.path(chunk.digest));
    await this.#verify(chunk, createHash('sha256').update(bytes).digest('hex'));
    return bytes;
  }

  async #verify(chunk: Chunk, found: string): Promise<void> {
    if (found === chunk.digest) return;
    await rm(this.path(chunk.digest), { force: true });
    throw new Error(`the stored content ${chunk.digest} was damaged and is removed; deploy again to send it anew`);
  }

  /**
   * Removes content that nothing names: `keep` gives the digests that something does, a group at a time. What is asked
   * for while this runs is kept as well. Gives how many files went.
   */
  async collect(keep: () => Iterable<Iterable<string>>): Promise<number> {
    const wanted = new Set<string>();
    this.#wanted = wanted;
    try {
      const named = new Set<string>();
      for (const digests of keep()) {
        for (const digest of digests) named.add(digest);
        await breathe();
      }
      let removed = 0;
      for (const folder of await readdir(this.#dir)) {
        if (folder.length !== 2) continue;
        for (const digest of await readdir(join(this.#dir, folder))) {
          if (!isDigest(digest) || named.has(digest)) continue;
          // An upload under way is written before it is asked for again: only what is an hour old may go.
          const found = await stat(this.path(digest)).catch(() => undefined);
          if (found === undefined || Date.now() - found.mtimeMs < 3_600_000 || wanted.has(digest)) continue;
          unlinkSync(this.path(digest));
          removed += 1;
        }
      }
      return removed;
    } finally {
      this.#wanted = undefined;
    }
  }
}
