import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { PackAnswer } from '@rig/plugin-api/max';
import { storageFull } from '../http/problem.ts';
import { ProblemError } from '../http/problem-error.ts';
import type { UploadRecord } from '../store/uploads.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { ContentStore } from './content-store.ts';
import { PackCutError, readPack } from './pack-reader.ts';
import { contentsOf } from './upload-contents.ts';

/** Chunks up to this size are held in memory and brought to disk side by side, as each waits for the disk. */
const SMALL = 256 * 1024;
const SIDE_BY_SIDE = 8;

function badDigest(digest: string, why: string): ProblemError {
  return new ProblemError(422, 'RIG_DIGEST_MISMATCH', `the chunk ${digest} ${why}; it was not kept`, {
    fix: 'deploy again: what arrived before it is kept, and only the rest is sent',
  });
}

/** Takes the chunks of one pack into the store, one after the other, in bounded memory. */
class PackReceiver {
  received = 0;
  readonly #content: ContentStore;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #saving = new Set<Promise<void>>();
  #failure: unknown;
  #writer: ChunkWriter | undefined;
  #digest = '';
  /** The bytes of a small chunk, so far. */
  #pieces: Buffer[] | undefined;

  constructor(content: ContentStore, sizes: ReadonlyMap<string, number>) {
    this.#content = content;
    this.#sizes = sizes;
  }

  async receive(source: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const part of readPack(source)) {
        if ('head' in part) await this.#begin(part.head.digest, part.head.size);
        else if ('piece' in part) await this.#take(part.piece);
        else await this.#end();
        if (this.#failure !== undefined) throw this.#failure;
      }
    } finally {
      await this.#writer?.abort();
      await Promise.all(this.#saving);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #begin(digest: string, size: number): Promise<void> {
    const expected = this.#sizes.get(digest);
    if (expected === undefined) throw badDigest(digest, 'is not part of this upload');
    if (size !== expected) throw badDigest(digest, `came with ${size} bytes, and the manifest says ${expected}`);
    this.#digest = digest;
    this.#pieces = undefined;
    if (this.#content.has({ digest, size })) return;
    // The store keeps what it can, and leaves the rest of the disk to the database.
    const lack = this.#content.room.lack(size);
    if (lack !== undefined) throw storageFull(lack);
    if (size <= SMALL) this.#pieces = [];
    else this.#writer = await this.#content.begin(digest);
  }

  async #take(piece: Buffer): Promise<void> {
    this.#pieces?.push(piece);
    await this.#writer?.write(piece);
  }

  async #end(): Promise<void> {
    const [digest, writer, pieces] = [this.#digest, this.#writer, this.#pieces];
    this.#writer = undefined;
    this.#pieces = undefined;
    this.received += 1;
    if (writer !== undefined) await this.#save(digest, () => writer.commit());
    if (pieces === undefined) return;
    const saved = this.#save(digest, () => this.#content.put(digest, Buffer.concat(pieces)));
    this.#saving.add(saved);
    void saved.finally(() => this.#saving.delete(saved));
    if (this.#saving.size >= SIDE_BY_SIDE) await Promise.race(this.#saving);
  }

  async #save(digest: string, keep: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await keep())) throw badDigest(digest, 'has another content than its digest says');
    } catch (error) {
      this.received -= 1;
      this.#failure ??= error;
    }
  }
}

const isCut = (error: unknown): boolean =>
  error instanceof PackCutError || (error as { code?: string }).code === 'Z_BUF_ERROR';
const isBadGzip = (error: unknown): boolean => String((error as { code?: string }).code).startsWith('Z_');

/**
 * Reads a pack from a request's body: each chunk is checked and kept even if a later one fails or the body is cut.
 *
 * @param body is destroyed by nobody here: the caller decides what becomes of an unread rest
 * @throws ProblemError `RIG_DIGEST_MISMATCH` (422), `RIG_BAD_REQUEST` (400), `RIG_STORAGE_FULL` (507)
 */
export async function receivePack(
  content: ContentStore,
  upload: UploadRecord,
  body: Readable,
  gzip: boolean,
): Promise<PackAnswer> {
  const contents = contentsOf(upload);
  const receiver = new PackReceiver(content, contents.sizes);
  try {
    await receiver.receive(gzip ? unzip(body) : unowned(body));
  } catch (error) {
    if (isCut(error))
      throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the pack ends inside a chunk; what came before it is kept', {
        fix: 'deploy again: only what is missing is sent',
      });
    if (isBadGzip(error))
      throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the pack is not the gzip that its header says');
    throw error;
  }
  return { received: receiver.received, missing: await contents.countMissing(content) };
}

/** Iterates without destroying the stream at an early end: the answer has to go out on its connection. */
function unowned(body: Readable): AsyncIterable<Uint8Array> {
  return body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

function unzip(body: Readable): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  body.once('error', (error) => gunzip.destroy(error));
  body.once('close', () => {
    if (!body.readableEnded) gunzip.destroy(new PackCutError('the connection was cut'));
  });
  gunzip.once('close', () => body.unpipe(gunzip));
  return body.pipe(gunzip);
}
