import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { rm } from 'node:fs/promises';

/** Writes one chunk to a file of its own: seen by nobody until it is whole and right. */
export class ChunkWriter {
  readonly #file: FileHandle;
  readonly #temporary: string;
  readonly #digest: string;
  readonly #place: () => Promise<void>;
  readonly #hash = createHash('sha256');

  constructor(file: FileHandle, temporary: string, digest: string, place: () => Promise<void>) {
    this.#file = file;
    this.#temporary = temporary;
    this.#digest = digest;
    this.#place = place;
  }

  /** Adds a piece. */
  async write(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    let written = 0;
    while (written < piece.byteLength) {
      const { bytesWritten } = await this.#file.write(piece, written);
      written += bytesWritten;
    }
  }

  /** Brings it to disk under its digest; gives `false`, and keeps nothing, where the content is not what it says. */
  async commit(): Promise<boolean> {
    try {
      if (this.#hash.digest('hex') !== this.#digest) {
        await this.abort();
        return false;
      }
      await this.#file.datasync();
      await this.#file.close();
      await this.#place();
      return true;
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  /** Gives it up. */
  async abort(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.#temporary, { force: true });
  }
}
