import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { PACK_HEADER_BYTES } from '@rig/plugin-api/max';
import { READ_FLAGS } from '../tree/hash.ts';
import { fileChanged, unreadable } from '../tree/tree-errors.ts';
import type { PackChunk } from './plan.ts';

/** Bytes that go out at once, small chunks together. */
const PIECE_BYTES = 128 * 1024;

function header(chunk: PackChunk): Buffer {
  const bytes = Buffer.alloc(PACK_HEADER_BYTES);
  bytes.write(chunk.digest, 0, 'hex');
  bytes.writeBigUInt64BE(BigInt(chunk.size), PACK_HEADER_BYTES - 8);
  return bytes;
}

/** One piece after the other, filled from disk without a copy between: a tree of small files would make a lot of garbage. */
class Pieces {
  #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #filled = 0;

  /** What is free of the piece, at least a byte. */
  get room(): Buffer {
    return this.#piece.subarray(this.#filled);
  }

  /** Notes that so many bytes were put into its room; gives the piece where it is full. */
  add(bytes: number): Buffer | undefined {
    this.#filled += bytes;
    return this.#filled < PIECE_BYTES ? undefined : this.take();
  }

  /** What is in it; the next bytes begin a new one. */
  take(): Buffer {
    const piece = this.#piece.subarray(0, this.#filled);
    this.#piece = Buffer.allocUnsafe(PIECE_BYTES);
    this.#filled = 0;
    return piece;
  }
}

async function openChunk(root: string, path: string): Promise<FileHandle> {
  try {
    return await open(join(root, path), READ_FLAGS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' || code === 'ELOOP' ? fileChanged(path) : unreadable(path, error);
  }
}

async function readInto(file: FileHandle, room: Buffer, chunk: PackChunk, position: number): Promise<Buffer> {
  const { bytesRead } = await file.read(room, 0, room.length, position).catch((error: unknown) => {
    throw unreadable(chunk.path, error);
  });
  if (bytesRead === 0) throw fileChanged(chunk.path);
  return room.subarray(0, bytesRead);
}

/** Reads one chunk anew; its last bytes are only given out once the whole is known to be what was hashed. */
async function* chunkPieces(root: string, chunk: PackChunk, pieces: Pieces): AsyncGenerator<Buffer> {
  const file = await openChunk(root, chunk.path);
  try {
    const hash = createHash('sha256');
    for (let done = 0; done < chunk.size; ) {
      const room = pieces.room.subarray(0, chunk.size - done);
      const bytes = await readInto(file, room, chunk, chunk.offset + done);
      hash.update(bytes);
      done += bytes.length;
      if (done === chunk.size && hash.digest('hex') !== chunk.digest) throw fileChanged(chunk.path);
      const full = pieces.add(bytes.length);
      if (full !== undefined) yield full;
    }
  } finally {
    await file.close();
  }
}

/**
 * The bytes of a pack, read from disk as they are asked for.
 *
 * @throws RigError `RIG_FILE_CHANGED` for a file that is no longer what was hashed, `RIG_UNREADABLE`
 */
export async function* packBytes(root: string, chunks: readonly PackChunk[]): AsyncGenerator<Buffer> {
  const pieces = new Pieces();
  for (const chunk of chunks) {
    if (pieces.room.length <= PACK_HEADER_BYTES) yield pieces.take();
    header(chunk).copy(pieces.room);
    pieces.add(PACK_HEADER_BYTES);
    yield* chunkPieces(root, chunk, pieces);
  }
  const rest = pieces.take();
  if (rest.length > 0) yield rest;
}
