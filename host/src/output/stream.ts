import type { Screen } from './screen.ts';

/** So much text is collected before it is written and the reader is waited for. */
const BATCH = 64 * 1024;
/** Milliseconds that the last record of the first batch is held back on a pipe. */
const FIRST_PAUSE_MS = 30;
/** Milliseconds that a stream has to end by itself after an interrupt, so that it can say what it leaves behind. */
const GRACE_MS = 2000;

/** Tells a stream when to stop. */
export interface StreamStops {
  /** The command was interrupted, or nobody reads any more. */
  signal: AbortSignal;
  /** Whether nobody reads any more. */
  closed(): boolean;
}

/**
 * Prints records as they come: in batches while many are there, at once while few are, and asks for no more than the
 * reader takes.
 */
export async function pump<T>(
  source: AsyncIterable<T>,
  text: (record: T) => string,
  screen: Screen,
  stops: StreamStops,
): Promise<void> {
  const { signal, closed } = stops;
  const buffer = new Batches(screen, stops);
  try {
    for await (const record of untilStopped(source, stops)) {
      buffer.add(text(record));
      if (!buffer.full) continue;
      await buffer.flush();
      // Interrupted, and nobody reads: more would only pile up.
      if (signal.aborted && screen.out.busy) break;
    }
  } finally {
    await buffer.flush();
  }
  if (signal.aborted && !closed()) throw signal.reason;
}

class Batches {
  #records: string[] = [];
  #size = 0;
  #first = true;
  #running: Promise<void> | undefined;
  #scheduled = false;

  constructor(
    private readonly screen: Screen,
    private readonly stops: StreamStops,
  ) {}

  get full(): boolean {
    return this.#size >= BATCH;
  }

  add(text: string): void {
    if (text === '') return;
    this.#records.push(text);
    this.#size += text.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.flush();
    });
  }

  /** Writes what is there and waits for the reader; one at a time. */
  async flush(): Promise<void> {
    while (this.#running) await this.#running;
    if (this.#records.length === 0) return;
    this.#running = this.#write();
    await this.#running;
  }

  async #write(): Promise<void> {
    try {
      // `rig logs … | head -1`: a pipe says that its reader left only when it is written to once more. The last record
      // of the first batch is that write, a moment later; otherwise a quiet app would keep rig waiting for its next line.
      const last = this.#first && this.#records.length > 1 && !this.screen.out.isTTY ? this.#records.pop() : undefined;
      this.#first = false;
      this.#take();
      await this.#readyOrStopped();
      if (last === undefined) return;
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS));
      this.#records.unshift(last);
      this.#take();
      await this.#readyOrStopped();
    } finally {
      this.#running = undefined;
    }
  }

  /** Waits for the reader, but not after an interrupt: it may never read again. */
  async #readyOrStopped(): Promise<void> {
    const { signal } = this.stops;
    if (signal.aborted) return;
    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    signal.addEventListener('abort', stop, { once: true });
    await Promise.race([this.screen.ready(), stopped]);
    signal.removeEventListener('abort', stop);
  }

  #take(): void {
    const text = this.#records.join('');
    this.#records = [];
    this.#size = 0;
    if (!this.stops.closed()) this.screen.write(this.screen.out, text);
  }
}

/** The records of a stream until the signal; a stream that does not end by itself then is left to itself. */
export async function* untilStopped<T>(
  source: AsyncIterable<T>,
  { signal, closed }: StreamStops,
): AsyncGenerator<T, void, void> {
  const iterator = source[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  // One listener for the whole stream: a race per record would keep a reaction of each until the end.
  let giveUp: () => void = () => {};
  const stop = (): void => {
    if (closed()) giveUp();
    else timer ??= setTimeout(() => giveUp(), GRACE_MS);
  };
  signal.addEventListener('abort', stop, { once: true });
  let ended = false;
  try {
    for (;;) {
      if (signal.aborted) stop();
      const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        giveUp = () => resolve(undefined);
        if (signal.aborted && closed()) return resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (next === undefined) break;
      if (next.done) {
        ended = true;
        break;
      }
      yield next.value;
    }
  } catch (error) {
    ended = true;
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    // Not awaited: a generator that hangs in its own wait would never answer.
    if (!ended) iterator.return?.().catch(() => {});
  }
  if (signal.aborted && !closed()) throw signal.reason;
}
