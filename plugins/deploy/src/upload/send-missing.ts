import { setTimeout as delay } from 'node:timers/promises';
import { type Http, isPassing, isRigError } from '@rig/plugin-api';
import type { Upload } from '@rig/plugin-api/max';
import { type ChunkSource, type Pack, planPacks } from './plan.ts';
import { sendPack } from './send-pack.ts';

/** Requests at once. */
const CONCURRENCY = 4;

/** Pauses before the tries that follow one without progress; after the last the upload fails. */
const PAUSES = [250, 500, 1000, 2000, 4000];

/** What is sent, and to where. */
export interface SendOptions {
  http: Http;
  /** `…/uploads/:id`. */
  uploadPath: string;
  upload: Upload;
  root: string;
  sources: ReadonlyMap<string, ChunkSource>;
  compress: boolean;
  signal: AbortSignal;
  /** Bytes that Max has taken or is taking, of `upload.missingBytes`. */
  onProgress?: (bytes: number) => void;
  onRetry?: (error: Error) => void;
  pauses?: readonly number[];
  packBytes?: number;
}

interface Round {
  /** What went wrong and may go right next time. */
  passing: Error | undefined;
}

/** Sends packs side by side; the first failure that no try can mend stops them all. */
async function sendRound(options: SendOptions, packs: readonly Pack[], done: { bytes: number }): Promise<Round> {
  const { http, uploadPath, root, signal } = options;
  const stop = new AbortController();
  const queue = packs.values();
  const round: Round = { passing: undefined };
  let fatal: unknown;
  const worker = async (): Promise<void> => {
    for (const pack of queue) {
      if (stop.signal.aborted) return;
      let sent = 0;
      const onBytes = (bytes: number): void => {
        sent += bytes;
        options.onProgress?.(done.bytes + sent);
      };
      try {
        await sendPack({ http, uploadPath, root, pack, signal: AbortSignal.any([signal, stop.signal]), onBytes });
        done.bytes += pack.bytes;
      } catch (error) {
        if (stop.signal.aborted) return;
        if (signal.aborted || !isPassing(error)) {
          fatal = error;
          stop.abort();
          return;
        }
        round.passing = error as Error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, packs.length) }, worker));
  if (fatal !== undefined) throw fatal;
  return round;
}

/**
 * Sends what Max lacks, and after a cut connection only the rest.
 *
 * @returns the bytes of content that went up
 * @throws RigError `RIG_FILE_CHANGED`, `RIG_UNREADABLE`, or the last failure when the tries are used up
 */
export async function sendMissing(options: SendOptions): Promise<number> {
  const { http, uploadPath, upload, sources, signal, pauses = PAUSES } = options;
  let missing = upload.missing;
  let tries = 0;
  const done = { bytes: 0 };
  while (missing.length > 0) {
    signal.throwIfAborted();
    let left: string[] = missing;
    let failure: Error | undefined;
    try {
      failure = (await sendRound(options, planPacks(missing, sources, options.compress, options.packBytes), done))
        .passing;
      const now = await http.get<Upload>(uploadPath, { signal });
      left = now.missing;
      done.bytes = upload.missingBytes - now.missingBytes;
    } catch (error) {
      if (signal.aborted || !isRigError(error) || !isPassing(error)) throw error;
      failure = error;
    }
    if (left.length === 0) break;
    tries = left.length < missing.length ? 0 : tries + 1;
    missing = left;
    const pause = pauses[tries];
    if (pause === undefined) throw failure ?? new Error('Max takes the upload and still misses the same chunks');
    if (failure !== undefined) options.onRetry?.(failure);
    await delay(pause, undefined, { signal });
  }
  options.onProgress?.(upload.missingBytes);
  return upload.missingBytes;
}
