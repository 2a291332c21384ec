import { type FSWatcher, watch } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { SessionData } from '@rig/plugin-api/max';
import type { KeptOutput, OutputStream } from './kept-output.ts';

const CHUNK_BYTES = 64 * 1024;
const POLL_MS = 500;

/** Where a client of a detached command gets its output from, and where it goes. */
export interface FeedOptions {
  outputs: readonly KeptOutput[];
  /** Bytes of each stream that the client has. */
  received: Readonly<Record<OutputStream, number>>;
  /** Bytes of a stream that may be on their way unacknowledged. */
  window: number;
  /** Whether the command has ended, and so writes no more. */
  ended(): boolean;
  /** Resolves when the connection takes more. */
  ready(): Promise<void>;
  data(data: SessionData): void;
  /** A stream has ended at that offset. */
  eof(stream: OutputStream, at: number): void;
  /** Everything was sent, and the command has ended. */
  end(): void;
  fail(error: Error): void;
  /** It sends no more, however that came. */
  stopped(feed: OutputFeed): void;
}

/** Gives a client what a detached command has written and goes on with what it writes, at the pace of acknowledgements. */
export class OutputFeed {
  readonly #options: FeedOptions;
  readonly #acknowledged: Record<OutputStream, number>;
  readonly #watchers: FSWatcher[] = [];
  #poll: NodeJS.Timeout | undefined;
  #wakers: Array<() => void> = [];
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#acknowledged = { ...options.received };
  }

  /** Begins to send. Resolves once it reads nothing any more. */
  async start(): Promise<void> {
    if (this.#stopped) return;
    this.#poll = setInterval(() => this.wake(), POLL_MS).unref();
    for (const { path } of this.#options.outputs) this.#watch(path);
    await this.#run();
  }

  /** The client has dealt with everything before these offsets. */
  acknowledge(offsets: Partial<Record<OutputStream, number>>): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const offset = offsets[stream];
      if (Number.isSafeInteger(offset) && offset! > this.#acknowledged[stream]) this.#acknowledged[stream] = offset!;
    }
    this.wake();
  }

  /** Something may have changed: more was written, or the command has ended. */
  wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }

  /** Sends no more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.stopped(this);
    clearInterval(this.#poll);
    for (const watcher of this.#watchers) watcher.close();
    this.wake();
  }

  async #run(): Promise<void> {
    try {
      await Promise.all(this.#options.outputs.map((output) => this.#feed(output)));
      if (!this.#stopped) this.#options.end();
    } catch (error) {
      if (!this.#stopped) this.#options.fail(error as Error);
    } finally {
      this.stop();
    }
  }

  async #feed(output: KeptOutput): Promise<void> {
    const file = await output.open();
    try {
      await this.#send(output, file);
    } finally {
      await file?.close();
    }
  }

  async #send(output: KeptOutput, file: FileHandle | undefined): Promise<void> {
    const { stream } = output;
    const { window, received, ended, ready, data, eof } = this.#options;
    let at = Math.max(received[stream], output.start);
    this.#acknowledged[stream] = at;
    while (!this.#stopped) {
      const changed = this.#change();
      const onTheWay = at - this.#acknowledged[stream];
      // What is dropped under a slow reader is passed over once it has everything before.
      if (at < output.start && onTheWay <= 0) {
        at = output.start;
        this.#acknowledged[stream] = at;
      }
      if (onTheWay >= window || at < output.start) {
        await changed;
        continue;
      }
      // Before the read: what was written last was written before the end.
      const isLast = ended();
      const bytes = await read(file, at, Math.min(CHUNK_BYTES, window - onTheWay));
      // It may have been dropped while it was read.
      if (at < output.start) continue;
      if (bytes.length === 0) {
        if (isLast) break;
        await changed;
        continue;
      }
      await ready();
      if (this.#stopped) return;
      data({ stream, offset: at, bytes });
      at += bytes.length;
    }
    if (!this.#stopped) eof(stream, at);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  #watch(path: string): void {
    try {
      const watcher = watch(path, { persistent: false }, () => this.wake());
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // No watches left, or no such file: the poll alone looks.
    }
  }
}

async function read(file: FileHandle | undefined, at: number, most: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(file === undefined ? 0 : most);
  const { bytesRead } = (await file?.read(bytes, 0, most, at)) ?? { bytesRead: 0 };
  return bytes.subarray(0, bytesRead);
}
