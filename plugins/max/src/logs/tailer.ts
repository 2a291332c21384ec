import { type FSWatcher, fstatSync, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { LogLine } from '@rig/plugin-api/max';
import { reclaim } from '../engine/reclaim.ts';
import { LineSplitter, type SplitLine } from './line-splitter.ts';
import type { Log } from './log.ts';

const CHUNK_BYTES = 64 * 1024;
const RECLAIM_BYTES = 16 * 1024 * 1024;

/** What a tailer reads, and where its lines go. */
export interface TailerOptions {
  /** A file that an instance appends to. */
  path: string;
  /** Its name among the sources of the log; stable across restarts of Max. */
  source: string;
  log: Log;
  instance: string;
  stream: LogLine['stream'];
  /** A line without its end is given out after that many milliseconds of silence. */
  partialAfterMs?: number;
  /** The safety net under the file watcher. */
  pollMs?: number;
  /** Hears of failures to read or to store, once until that works again; the tailer tries again by itself. */
  onError?: (error: Error) => void;
}

/**
 * Follows the output file of an instance into a log. What is indexed is stored with the lines themselves, so a tailer that
 * is made again after a crash goes on where the last one stopped.
 */
export class Tailer {
  readonly #options: Required<TailerOptions>;
  #file: FileHandle | undefined;
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #partial: NodeJS.Timeout | undefined;
  #splitter = new LineSplitter();
  #offset = 0;
  #reclaimed = 0;
  #pumping: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #failed = false;
  #told = false;

  constructor(options: TailerOptions) {
    this.#options = { partialAfterMs: 500, pollMs: 1_000, onError: () => {}, ...options };
  }

  /** Begins to follow. */
  start(): void {
    try {
      this.#watcher = watch(this.#options.path, { persistent: false }, () => this.#changed());
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // No watches left: the poll alone follows.
    }
    this.#poll = setInterval(() => this.#look(), this.#options.pollMs);
    this.#poll.unref();
    this.#wake();
  }

  /**
   * Reads to the end, the last line without its end included, and closes: for an instance that has ended.
   *
   * @returns whether everything is stored
   */
  async finish(): Promise<boolean> {
    this.#unwatch();
    clearTimeout(this.#partial);
    this.#wake();
    while (this.#pumping !== undefined) await this.#pumping;
    let stored = !this.#stopped && !this.#failed;
    try {
      if (stored) this.#store(this.#splitter.flush(true));
    } catch (error) {
      stored = false;
      this.#tell(error as Error);
    }
    await this.stop();
    return stored;
  }

  /** Stops to follow; another tailer can go on later. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwatch();
    clearTimeout(this.#partial);
    await this.#pumping;
    await this.#file?.close();
    this.#file = undefined;
  }

  #unwatch(): void {
    clearInterval(this.#poll);
    this.#watcher?.close();
  }

  /** While lines cannot be stored only the poll tries again: what writes much would keep it busy for nothing. */
  #changed(): void {
    if (!this.#failed) this.#wake();
  }

  /** What the watcher has missed: a thousand files without news must cost next to nothing. */
  #look(): void {
    if (!this.#isRead()) this.#wake();
  }

  #isRead(): boolean {
    if (this.#file === undefined || this.#failed || this.#splitter.hasPartial) return false;
    try {
      return fstatSync(this.#file.fd).size === this.#offset;
    } catch {
      return false;
    }
  }

  #wake(): void {
    if (this.#stopped) return;
    if (this.#pumping !== undefined) {
      this.#again = true;
      return;
    }
    this.#pumping = this.#pump()
      .then(() => {
        this.#failed = false;
      })
      .catch((error: Error) => {
        this.#failed = true;
        this.#rewind();
        this.#tell(error);
      })
      .finally(() => {
        this.#pumping = undefined;
        if (this.#again && !this.#failed) {
          this.#again = false;
          this.#wake();
        }
      });
  }

  async #pump(): Promise<void> {
    if (this.#file === undefined) await this.#open();
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    while (!this.#stopped) {
      const { bytesRead } = await this.#file!.read(chunk, 0, CHUNK_BYTES, this.#offset);
      if (bytesRead === 0) break;
      clearTimeout(this.#partial);
      this.#offset += bytesRead;
      this.#store(this.#splitter.push(chunk.subarray(0, bytesRead)));
      await this.#reclaim();
    }
    if (!this.#stopped && this.#splitter.hasPartial) this.#flushLater();
  }

  /** Goes on from what the log has of this file. Whether that ends amid a line is in the file itself. */
  async #open(): Promise<void> {
    this.#file = await open(this.#options.path, 'r');
    const { offset, cut } = this.#options.log.position(this.#options.source);
    let midLine = false;
    if (offset > 0) {
      const byte = Buffer.alloc(1);
      await this.#file.read(byte, 0, 1, offset - 1);
      midLine = byte[0] !== 0x0a;
    }
    this.#offset = offset;
    this.#reclaimed = offset;
    this.#splitter = new LineSplitter({ offset, midLine, cut });
  }

  /** After a failure what was read but not stored is read again. */
  #rewind(): void {
    void this.#file?.close().catch(() => {});
    this.#file = undefined;
  }

  /** Says a failure once, until something is stored again. */
  #tell(error: Error): void {
    if (!this.#told) this.#options.onError(error);
    this.#told = true;
  }

  #store(lines: SplitLine[]): void {
    if (lines.length === 0) return;
    const { log, instance, stream, source } = this.#options;
    const at = Date.now();
    log.append(
      lines.map(({ text, offset, cut }) => ({ at, instance, stream, text, source: { file: source, offset, cut } })),
    );
    this.#told = false;
  }

  #flushLater(): void {
    clearTimeout(this.#partial);
    this.#partial = setTimeout(() => {
      if (this.#stopped || this.#pumping !== undefined) return;
      try {
        this.#store(this.#splitter.flush(false));
      } catch (error) {
        this.#rewind();
        this.#tell(error as Error);
      }
    }, this.#options.partialAfterMs);
    this.#partial.unref();
  }

  async #reclaim(): Promise<void> {
    const indexed = this.#options.log.position(this.#options.source).offset;
    if (indexed - this.#reclaimed < RECLAIM_BYTES) return;
    this.#reclaimed = indexed;
    await reclaim(this.#options.path, indexed);
  }
}
