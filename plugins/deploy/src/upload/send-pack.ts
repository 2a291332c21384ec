import { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { ExitCode, type Http, isRigError, RigError } from '@rig/plugin-api';
import { PACK_CONTENT_TYPE, type PackAnswer } from '@rig/plugin-api/max';
import { packBytes } from './pack-bytes.ts';
import type { Pack } from './plan.ts';

/** Milliseconds without a byte moving, or without an answer after the last one, until a request is given up. */
const STALL_MS = 60_000;

/** What a pack is sent with. */
export interface PackRequest {
  http: Http;
  /** `…/uploads/:id`. */
  uploadPath: string;
  root: string;
  pack: Pack;
  signal: AbortSignal;
  onBytes: (bytes: number) => void;
  stallMs?: number;
}

const stalled = (ms: number): RigError =>
  new RigError({
    code: 'RIG_TIMEOUT',
    message: `Max took nothing of the upload for ${Math.round(ms / 1000)} seconds`,
    hint: 'see whether it answers: rig max status',
    exitCode: ExitCode.TimedOut,
  });

/**
 * Sends one pack, streamed from disk.
 *
 * @throws RigError the reason on this side (a changed file, a stall) before the broken request that it caused
 */
export async function sendPack(request: PackRequest): Promise<PackAnswer> {
  const { http, uploadPath, root, pack, signal, onBytes, stallMs = STALL_MS } = request;
  const giveUp = new AbortController();
  let mine: RigError | undefined;
  const timer = setTimeout(() => {
    mine ??= stalled(stallMs);
    giveUp.abort();
  }, stallMs);
  async function* source(): AsyncGenerator<Buffer> {
    try {
      for await (const bytes of packBytes(root, pack.chunks)) {
        timer.refresh();
        yield bytes;
        onBytes(bytes.length);
      }
    } catch (error) {
      if (isRigError(error)) mine ??= error;
      throw error;
    }
  }
  const plain = Readable.from(source(), { objectMode: false });
  // Level 1: a network that gzip pays on is slower than this and faster than the levels above.
  const body = pack.gzip ? pipeline(plain, createGzip({ level: 1 }), () => {}) : plain;
  try {
    return await http.post<PackAnswer>(`${uploadPath}/packs`, {
      body,
      headers: { 'content-type': PACK_CONTENT_TYPE, ...(pack.gzip ? { 'content-encoding': 'gzip' } : {}) },
      timeout: 0,
      signal: AbortSignal.any([signal, giveUp.signal]),
    });
  } catch (error) {
    throw mine ?? error;
  } finally {
    clearTimeout(timer);
    plain.destroy();
    body.destroy();
  }
}
