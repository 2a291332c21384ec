import { CHUNK_MAX_BYTES } from '../tree/chunk-splitter.ts';

/** Where the bytes of a digest are. */
export interface ChunkSource {
  /** Relative to the root. */
  path: string;
  /** Where in the file they begin. */
  offset: number;
  size: number;
}

/** A chunk that goes up. */
export interface PackChunk extends ChunkSource {
  digest: string;
}

/** Chunks that go up in one request. */
export interface Pack {
  chunks: PackChunk[];
  bytes: number;
  gzip: boolean;
}

/** Bytes that a pack is filled up to: what a cut connection costs at most. */
export const PACK_BYTES = CHUNK_MAX_BYTES;

/** What is compressed already, by its name. */
const COMPRESSED =
  /\.(7z|aac|apk|avif|br|bz2|docx|flac|gif|gz|heic|jar|jpe?g|lz4|m4[av]|mkv|mov|mp[34]|ogg|opus|pdf|png|pptx|rar|tgz|webm|webp|whl|woff2?|xlsx|xz|zip|zst)$/i;

function fill(chunks: readonly PackChunk[], gzip: boolean, packBytes: number): Pack[] {
  const packs: Pack[] = [];
  let open: Pack | undefined;
  for (const chunk of chunks) {
    if (open === undefined || open.bytes + chunk.size > packBytes) {
      open = { chunks: [], bytes: 0, gzip };
      packs.push(open);
    }
    open.chunks.push(chunk);
    open.bytes += chunk.size;
  }
  return packs;
}

/**
 * Parts the missing chunks into packs: small ones together, a large one alone, what gzip shrinks apart from the rest.
 *
 * @param compress whether the way to Max is slow enough for gzip to pay
 */
export function planPacks(
  missing: readonly string[],
  sources: ReadonlyMap<string, ChunkSource>,
  compress: boolean,
  packBytes = PACK_BYTES,
): Pack[] {
  const soft: PackChunk[] = [];
  const hard: PackChunk[] = [];
  for (const digest of missing) {
    const source = sources.get(digest);
    if (source === undefined) throw new Error(`Max asks for ${digest}, which is not in the tree`);
    (compress && !COMPRESSED.test(source.path) ? soft : hard).push({ digest, ...source });
  }
  return [...fill(soft, true, packBytes), ...fill(hard, false, packBytes)];
}

/** Tells whether Max is on this machine, where gzip only costs time. */
export function isLoopback(server: string): boolean {
  const { hostname } = new URL(server);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
