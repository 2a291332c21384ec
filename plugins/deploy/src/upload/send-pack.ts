import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Http } from '@rig/plugin-api';
import { PACK_CONTENT_TYPE, type PackAnswer } from '@rig/plugin-api/max';
import { packBytes } from './pack-bytes.ts';
import type { Pack } from './plan.ts';

/** Milliseconds that Max may take nothing, or keep silent after the last byte, until a request is given up. */
const SILENCE_MS = 60_000;

/** What a pack is sent with. */
export interface PackRequest {
  http: Http;
  /** `…/uploads/:id`. */
  uploadPath: string;
  root: string;
  pack: Pack;
  signal: AbortSignal;
  onBytes: (bytes: number) => void;
}

/**
 * Sends one pack, streamed from disk.
 *
 * @throws RigError of the files (`RIG_FILE_CHANGED`, `RIG_UNREADABLE`) or of the request
 */
export async function sendPack(request: PackRequest): Promise<PackAnswer> {
  const { http, uploadPath, root, pack, signal, onBytes } = request;
  async function* source(): AsyncGenerator<Buffer> {
    for await (const bytes of packBytes(root, pack.chunks)) {
      yield bytes;
      onBytes(bytes.length);
    }
  }
  const plain = Readable.from(source(), { objectMode: false });
  // Level 1: a network that gzip pays on is slower than this and faster than the levels above.
  const body = pack.gzip ? pipeline(plain, createGzip({ level: 1 }), () => {}) : plain;
  try {
    return await http.post<PackAnswer>(`${uploadPath}/packs`, {
      body,
      headers: { 'content-type': PACK_CONTENT_TYPE, ...(pack.gzip ? { 'content-encoding': 'gzip' } : {}) },
      timeout: SILENCE_MS,
      signal,
    });
  } finally {
    plain.destroy();
    body.destroy();
  }
}
