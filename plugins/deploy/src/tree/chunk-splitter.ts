/** Files up to this size are one chunk, and no chunk is larger: it is what a pack is filled up to. */
export const CHUNK_MAX_BYTES = 8 * 1024 * 1024;

const CHUNK_MIN_BYTES = 2 * 1024 * 1024;

/** Of the rolling hash so many bits are zero at a cut: behind the minimum one byte in 2 MiB, by chance. */
const CUT_SHIFT = 32 - 21;

/** A number for each byte, always the same ones: other numbers would cut elsewhere, and old content would go up again. */
const GEAR = gearTable();

function gearTable(): Int32Array {
  const table = new Int32Array(256);
  let state = 0x9e3779b9;
  for (let byte = 0; byte < table.length; byte += 1) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    table[byte] = state;
  }
  return table;
}

/**
 * Cuts a large file where its content says so, not at fixed places (content-defined chunking with a gear hash): where bytes
 * are put in or taken out, the chunks behind stay what they were.
 */
export class ChunkSplitter {
  #size = 0;
  #hash = 0;

  /** How many of these next bytes belong to the chunk that is open: all of them, or fewer where it ends with them. */
  take(bytes: Uint8Array): { length: number; ends: boolean } {
    const end = Math.min(bytes.length, CHUNK_MAX_BYTES - this.#size);
    // The hash remembers 32 bytes: those before the earliest cut need no look.
    let at = Math.min(Math.max(0, CHUNK_MIN_BYTES - 32 - this.#size), end);
    let hash = this.#hash;
    for (; at < end; at += 1) {
      hash = ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;
      if (hash >>> CUT_SHIFT === 0 && this.#size + at + 1 >= CHUNK_MIN_BYTES) return this.#cut(at + 1);
    }
    if (this.#size + end === CHUNK_MAX_BYTES) return this.#cut(end);
    this.#size += end;
    this.#hash = hash;
    return { length: end, ends: false };
  }

  #cut(length: number): { length: number; ends: boolean } {
    this.#size = 0;
    this.#hash = 0;
    return { length, ends: true };
  }
}
