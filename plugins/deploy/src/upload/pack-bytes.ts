import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { PACK_HEADER_BYTES } from '@rig/plugin-api/max';
import { READ_FLAGS } from '../tree/hash.ts';
import { fileChanged, unreadable } from '../tree/tree-errors.ts';
import type { PackChunk } from './plan.ts';

/** Bytes that are read at once, and below which small chunks are sent together. */
const PIECE_BYTES = 128 * 1024;

function header(chunk: PackChunk): Buffer {
  const bytes = Buffer.alloc(PACK_HEADER_BYTES);
  bytes.write(chunk.digest, 0, 'hex');
  bytes.writeBigUInt64BE(BigInt(chunk.size), PACK_HEADER_BYTES - 8);
  return bytes;
}

async function openChunk(root: string, path: string): Promise<FileHandle> {
  try {
    return await open(join(root, path), READ_FLAGS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' || code === 'ELOOP' ? fileChanged(path) : unreadable(path, error);
  }
}

/** Reads one chunk anew; its last piece is only given out once the whole is known to be what was hashed. */
async function* chunkBytes(root: string, chunk: PackChunk): AsyncGenerator<Buffer> {
  const file = await openChunk(root, chunk.path);
  try {
    const hash = createHash('sha256');
    let left = chunk.size;
    while (left > 0) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, left));
      const { bytesRead } = await file
        .read(piece, 0, piece.length, chunk.offset + chunk.size - left)
        .catch((error: unknown) => {
          throw unreadable(chunk.path, error);
        });
      if (bytesRead === 0) throw fileChanged(chunk.path);
      const bytes = piece.subarray(0, bytesRead);
      hash.update(bytes);
      left -= bytesRead;
      if (left === 0 && hash.digest('hex') !== chunk.digest) throw fileChanged(chunk.path);
      yield bytes;
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
  let waiting: Buffer[] = [];
  let size = 0;
  for (const chunk of chunks) {
    waiting.push(header(chunk));
    size += PACK_HEADER_BYTES;
    for await (const bytes of chunkBytes(root, chunk)) {
      waiting.push(bytes);
      size += bytes.length;
      if (size < PIECE_BYTES) continue;
      yield Buffer.concat(waiting, size);
      waiting = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}
