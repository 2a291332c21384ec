import type { Chunk } from '@rig/plugin-api/max';
import type { UploadRecord } from '../store/uploads.ts';
import type { ContentStore } from './content-store.ts';

/** Every chunk of an upload, in the order of the tree, with repetitions. */
export function* chunksOf(upload: Pick<UploadRecord, 'entries'>): Generator<Chunk> {
  for (const entry of upload.entries) if (entry.type === 'file') yield* entry.chunks;
}

/** What the packs of one upload are judged by: made once for all of them, as a large tree has many. */
export class UploadContents {
  /** Bytes by digest. */
  readonly sizes: ReadonlyMap<string, number>;
  #missing: Chunk[];

  constructor(upload: Pick<UploadRecord, 'entries'>) {
    const chunks = new Map<string, Chunk>();
    for (const chunk of chunksOf(upload)) chunks.set(chunk.digest, chunk);
    this.sizes = new Map([...chunks.values()].map(({ digest, size }) => [digest, size]));
    this.#missing = [...chunks.values()];
  }

  /** How many chunks are not here yet; what was seen to be here is not looked for again. */
  async countMissing(content: ContentStore): Promise<number> {
    this.#missing = await content.missing(this.#missing);
    return this.#missing.length;
  }
}

const known = new WeakMap<object, UploadContents>();

/** The contents of an upload, kept for as long as its record is. */
export function contentsOf(upload: UploadRecord): UploadContents {
  const kept = known.get(upload) ?? new UploadContents(upload);
  known.set(upload, kept);
  return kept;
}
