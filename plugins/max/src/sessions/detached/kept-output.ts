import { statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { OUTPUT_FILES } from '../../engine/process-engine.ts';
import { reclaim } from '../../engine/reclaim.ts';

/** One of the streams that a command writes. */
export type OutputStream = 'stdout' | 'stderr';

/** Bytes of each stream that are kept: of what a command writes beyond them the oldest go. */
export const KEPT_BYTES = 64 * 1024 * 1024;

/** What may lie there beyond them before the oldest are dropped, so that this is done seldom. */
const SLACK_BYTES = 16 * 1024 * 1024;
const BLOCK = 4096;

/** One stream of a command as it lies on disk: it is appended to by the command, whether Max is there or not. */
export class KeptOutput {
  readonly stream: OutputStream;
  readonly path: string;
  #start: number;

  constructor(folder: string, stream: OutputStream, start: number) {
    this.stream = stream;
    this.path = join(folder, OUTPUT_FILES[stream]);
    this.#start = start;
  }

  /** Offset before which it is dropped. */
  get start(): number {
    return this.#start;
  }

  /** Bytes that were written so far, the dropped ones too; 0 for a command that never ran. */
  get size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Opens it for a reader; `undefined` for a command that never ran. */
  async open(): Promise<FileHandle | undefined> {
    try {
      return await open(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * Drops what is beyond the bytes that are kept.
   *
   * @param store keeps the new start, before anything is dropped
   * @param kept for tests
   */
  async trim(store: (start: number) => void, kept = KEPT_BYTES, slack = SLACK_BYTES): Promise<void> {
    const { size } = this;
    if (size - this.#start <= kept + slack) return;
    const start = Math.floor((size - kept) / BLOCK) * BLOCK;
    store(start);
    this.#start = start;
    await reclaim(this.path, start + 1);
  }
}
