import { type FSWatcher, watch } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const PIECE = 64 * 1024;

/** Bytes from which the last lines are taken: a log of any size is read in bounded memory. */
const TAIL_BYTES = 8 * 1024 * 1024;

/** The system may not tell of a change (a network disk): then the file is looked at now and then. */
const LOOK_EVERY_MS = 1000;

async function* readFrom(file: string, from: number): AsyncGenerator<Buffer> {
  const handle = await open(file, 'r');
  try {
    for (let at = from; ; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(PIECE), 0, PIECE, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** The last `count` whole lines of a file, and where the next begins. */
export async function lastLines(file: string, count: number): Promise<{ lines: string[]; end: number }> {
  const { size } = await stat(file);
  const from = Math.max(0, size - TAIL_BYTES);
  const pieces: Buffer[] = [];
  for await (const piece of readFrom(file, from)) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
  const lines = whole.toString().split('\n').slice(0, -1);
  // The first one was cut where the file is larger than what was read.
  return { lines: (from === 0 ? lines : lines.slice(1)).slice(-count), end: from + whole.length };
}

/** Lines as they are added to a file, until the signal. A file that got shorter is another one: it is read anew. */
export async function* followLines(file: string, from: number, signal: AbortSignal): AsyncGenerator<string> {
  let at = from;
  let rest = Buffer.alloc(0);
  const change = new ChangeWatch(file);
  try {
    while (!signal.aborted) {
      const size = await stat(file)
        .then((found) => found.size)
        .catch(() => 0);
      if (size < at) {
        at = 0;
        rest = Buffer.alloc(0);
      }
      if (size > at)
        for await (const piece of readFrom(file, at)) {
          at += piece.length;
          rest = Buffer.concat([rest, piece]);
          const end = rest.lastIndexOf(10) + 1;
          const lines = rest.subarray(0, end).toString().split('\n').slice(0, -1);
          rest = rest.subarray(end);
          yield* lines;
        }
      else await change.wait(signal);
    }
  } finally {
    change.close();
  }
}

/** Wakes when a file changed, or after a while. */
class ChangeWatch {
  #watcher: FSWatcher | undefined;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(file: string) {
    try {
      this.#watcher = watch(file, { persistent: false }, () => {
        this.#changed = true;
        this.#wake?.();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // No watcher: looking now and then is enough.
    }
  }

  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#changed) {
      const awake = new AbortController();
      this.#wake = () => awake.abort();
      await pause(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([signal, awake.signal]) }).catch(() => undefined);
      this.#wake = undefined;
    }
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
  }
}
