import { setTimeout as delay } from 'node:timers/promises';
import { isPassing, isRigError, REJOINED_EVENT, type Socket } from '@rig/plugin-api';

/** What is watched. */
export interface WatchOptions<T> {
  socket: Socket;
  /** The topic whose events say that something has changed. */
  topic: string;
  /** Asks for the whole by HTTP. */
  read: () => Promise<T>;
  /** A sentence for a person. */
  note: (text: string) => void;
  signal: AbortSignal;
  /** Milliseconds between two questions: while the socket delivers, and while it does not. */
  refreshMs?: number;
  pollMs?: number;
  /** Milliseconds for the answer to a join, and between two joins that failed. */
  joinMs?: number;
}

/** Events come in groups: what is shown is asked for once they have come. */
const TOGETHER_MS = 100;

/**
 * The present state, and each one after it that differs: asked for when an event says so, and from time to time, for not
 * every change is an event; while the socket is dead more often. Ends when `signal` is aborted.
 *
 * @throws what no patience can mend, for instance because the thing was deleted
 */
export async function* watchStatus<T>(options: WatchOptions<T>): AsyncGenerator<T> {
  const { read, note, signal, socket, refreshMs = 10_000, pollMs = 2000 } = options;
  const stop = new AbortController();
  const end = (): void => stop.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const listener = new Listener(options, stop.signal);
  let shown: string | undefined;
  let silent = false;
  let polling = false;
  try {
    for (;;) {
      let value: T | undefined;
      try {
        value = await read();
        if (silent) note('Max answers again');
        silent = false;
      } catch (error) {
        if (stop.signal.aborted) return;
        if (shown === undefined || !isPassing(error)) throw error;
        if (!silent) note(`Max does not answer, what is shown may have changed: ${(error as Error).message}`);
        silent = true;
      }
      const text = JSON.stringify(value);
      if (value !== undefined && text !== shown) {
        shown = text;
        yield value;
      }
      listener.start();
      if (listener.isLive) polling = false;
      else if (listener.hasFailed(socket) && !polling && !silent) {
        polling = true;
        note('Asking Max by HTTP until its socket delivers again');
      }
      await listener.changed(listener.isLive ? refreshMs : pollMs);
      if (stop.signal.aborted) return;
    }
  } finally {
    signal.removeEventListener('abort', end);
    stop.abort();
  }
}

/** Listens to a topic for as long as it takes, and says that something has changed. */
class Listener {
  readonly #options: Pick<WatchOptions<unknown>, 'socket' | 'topic' | 'joinMs'>;
  readonly #signal: AbortSignal;
  #started = false;
  #joined = false;
  #failed = false;
  #isChanged = false;
  #wake: () => void = () => {};

  constructor(options: Pick<WatchOptions<unknown>, 'socket' | 'topic' | 'joinMs'>, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Whether changes are told at once. */
  get isLive(): boolean {
    return this.#joined && this.#options.socket.state.state === 'open';
  }

  /** Whether they will not be told soon, rather than that the first join is still on its way. */
  hasFailed({ state }: Socket): boolean {
    return this.#failed || state.state === 'reconnecting';
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#listen();
  }

  /** Settles when something has changed, after so long, or at the end. */
  async changed(ms: number): Promise<void> {
    const waited = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const late = delay(ms, undefined, { signal: AbortSignal.any([this.#signal, waited.signal]) }).catch(() => {});
    if (!this.#isChanged) await Promise.race([woken, late]);
    waited.abort();
    if (this.#isChanged) await delay(TOGETHER_MS, undefined, { signal: this.#signal }).catch(() => {});
    this.#isChanged = false;
  }

  #tell(): void {
    this.#isChanged = true;
    this.#wake();
  }

  async #listen(): Promise<void> {
    const { joinMs = 5000 } = this.#options;
    while (!this.#signal.aborted) {
      await this.#follow(joinMs).catch((error: unknown) => {
        // A topic that is gone is told by the next question.
        if (!isPassing(error) && isRigError(error)) this.#tell();
      });
      this.#joined = false;
      this.#failed = true;
      // The next question, and whoever it tells, come at the pace of a dead socket.
      this.#wake();
      await delay(joinMs, undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  async #follow(timeout: number): Promise<void> {
    const { socket, topic } = this.#options;
    const how = { patient: true, overflow: 'drop-oldest', mostUnread: 16, rejoins: true, timeout } as const;
    const channel = await socket.join(topic, {}, { ...how, signal: this.#signal });
    const leave = (): void => void channel.leave().catch(() => {});
    if (this.#signal.aborted) return leave();
    this.#signal.addEventListener('abort', leave, { once: true });
    this.#joined = true;
    this.#failed = false;
    // Whatever happened before the join was answered is in the next answer.
    this.#tell();
    for await (const { event } of channel.events()) if (event === 'event' || event === REJOINED_EVENT) this.#tell();
    this.#tell();
  }
}
