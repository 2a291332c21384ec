import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Chunk, TreeEntry } from '@rig/plugin-api/max';
import { CHUNK_MAX_BYTES, ChunkSplitter } from './chunk-splitter.ts';
import { fileChanged, unreadable } from './tree-errors.ts';
import type { FoundFile, FoundTree } from './walk.ts';

/** One buffer of this size is all the memory that hashing takes, whatever the tree. */
const BUFFER_BYTES = 1024 * 1024;

/** A file that has become a link or a pipe since the walk is neither followed nor waited for; Windows has no such flags. */
export const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Bytes between two turns of the event loop, so that Ctrl-C and progress come through. */
const BYTES_PER_TURN = 8 * 1024 * 1024;

/** A tree whose every file is named by its content. */
export interface HashedTree {
  root: string;
  entries: TreeEntry[];
  /** Where the bytes of a digest can be read: the first place that has them. */
  sources: Map<string, { path: string; offset: number; size: number }>;
  files: number;
  bytes: number;
}

const sameFile = (a: Stats, b: Stats): boolean => a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino;

interface Hashing {
  root: string;
  buffer: Buffer;
  sinceTurn: number;
  done: number;
  onProgress: (bytes: number) => void;
  signal: AbortSignal | undefined;
}

async function turn(state: Hashing, bytes: number): Promise<void> {
  state.done += bytes;
  state.sinceTurn += bytes + 4096;
  if (state.sinceTurn < BYTES_PER_TURN) return;
  state.sinceTurn = 0;
  state.onProgress(state.done);
  await nextTurn();
  state.signal?.throwIfAborted();
}

/** Names a file's bytes as they are read: a small file is one chunk, a large one is split. */
class ChunkNames {
  readonly chunks: Chunk[] = [];
  readonly #splitter: ChunkSplitter | undefined;
  #hash = createHash('sha256');
  #size = 0;

  constructor(fileBytes: number) {
    this.#splitter = fileBytes > CHUNK_MAX_BYTES ? new ChunkSplitter() : undefined;
  }

  add(bytes: Uint8Array): void {
    let left = bytes;
    while (left.length > 0) {
      const { length, ends } = this.#splitter?.take(left) ?? { length: left.length, ends: false };
      this.#hash.update(left.subarray(0, length));
      this.#size += length;
      if (ends) this.end();
      left = left.subarray(length);
    }
  }

  end(): void {
    if (this.#size > 0) this.chunks.push({ digest: this.#hash.digest('hex'), size: this.#size });
    this.#hash = createHash('sha256');
    this.#size = 0;
  }
}

/** Hashes one file, or gives `undefined` where it was written to meanwhile. */
async function hashOnce(state: Hashing, path: string): Promise<{ chunks: Chunk[]; size: number } | undefined> {
  let file: number | undefined;
  try {
    file = openSync(join(state.root, path), READ_FLAGS);
    const before = fstatSync(file);
    if (!before.isFile()) return undefined;
    const names = new ChunkNames(before.size);
    let size = 0;
    for (;;) {
      const read = readSync(file, state.buffer, 0, BUFFER_BYTES, null);
      if (read === 0) break;
      names.add(state.buffer.subarray(0, read));
      size += read;
      await turn(state, read);
    }
    const after = fstatSync(file);
    if (size !== after.size || !sameFile(before, after)) return undefined;
    names.end();
    return { chunks: names.chunks, size };
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code === 'string' && (error as NodeJS.ErrnoException).syscall)
      throw unreadable(path, error);
    throw error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

async function hashFile(state: Hashing, file: FoundFile): Promise<TreeEntry & { type: 'file' }> {
  // A file that was being saved just now deserves a second look before the deploy is refused.
  const hashed = (await hashOnce(state, file.path)) ?? (await hashOnce(state, file.path));
  if (hashed === undefined) throw fileChanged(file.path);
  return { type: 'file', path: file.path, mode: file.mode, size: hashed.size, chunks: hashed.chunks };
}

/**
 * Names every file of a tree by the SHA-256 of its chunks.
 *
 * @throws RigError `RIG_UNREADABLE`, `RIG_FILE_CHANGED`
 */
export async function hashTree(
  tree: FoundTree,
  options: { onProgress?: (bytes: number) => void; signal?: AbortSignal } = {},
): Promise<HashedTree> {
  const state: Hashing = {
    root: tree.root,
    buffer: Buffer.allocUnsafe(BUFFER_BYTES),
    sinceTurn: 0,
    done: 0,
    onProgress: options.onProgress ?? (() => {}),
    signal: options.signal,
  };
  const result: HashedTree = { root: tree.root, entries: [], sources: new Map(), files: 0, bytes: 0 };
  for (const entry of tree.entries) {
    if (entry.type !== 'file') {
      result.entries.push(entry);
      continue;
    }
    const hashed = await hashFile(state, entry);
    result.entries.push(hashed);
    result.files += 1;
    result.bytes += hashed.size;
    let offset = 0;
    for (const { digest, size } of hashed.chunks) {
      if (!result.sources.has(digest)) result.sources.set(digest, { path: entry.path, offset, size });
      offset += size;
    }
    await turn(state, 0);
  }
  return result;
}
