import { isPassing, isRigError } from './errors.ts';
import {
  type Channel,
  type ChannelEvent,
  type JoinOptions,
  REJOINED_EVENT,
  type SendOptions,
  type Socket,
} from './socket.ts';

/** What is joined, and how. */
export interface LiveTopicOptions {
  /** The command's socket. */
  socket: Socket;
  /** What is joined, e.g. `app:ID`. */
  topic: string;
  /** Asked at each join. */
  params: () => object;
  /** How many events may wait, and what becomes of those beyond. */
  queue?: Pick<JoinOptions, 'overflow' | 'mostUnread'>;
  /** Leaves the topic for good. */
  signal: AbortSignal;
  /** Milliseconds for the answer to a join, and between two joins that failed; 5,000 unless said. */
  joinMs?: number;
}

/** What came of a wait. */
export type News =
  /** An event; {@link REJOINED_EVENT} is the answer to a join, the first one too. */
  | ({ kind: 'event' } & ChannelEvent)
  /** So much time has passed. */
  | { kind: 'quiet' }
  /** Max has ended the channel; it is joined again at the next wait. */
  | { kind: 'ended' }
  /** The channel failed, or the join was refused for good; it is joined again, later. */
  | { kind: 'failed'; error: unknown };

/** How long to wait: while the topic delivers, and while it does not. */
export interface Waits {
  /** While it delivers; for as long as it takes unless given. */
  liveMs?: number;
  /** While it does not. */
  deadMs: number;
}

/** A topic that is joined again for as long as it takes, and tells at any time whether it delivers. */
export class LiveTopic {
  readonly #options: LiveTopicOptions;
  readonly #unlisten: () => void;
  #channel: Channel | undefined;
  #pending: Promise<News> | undefined;
  #joining = false;
  #failed = false;
  #news: News[] = [];
  #retry: NodeJS.Timeout | undefined;
  #wake: () => void = () => {};
  /** A connection that is cut and back at once is no reason to ask in another way. */
  #deadSince: number | undefined;

  constructor(options: LiveTopicOptions) {
    this.#options = options;
    this.#unlisten = options.socket.onState(() => this.#wake());
    if (options.signal.aborted) this.#end();
    else options.signal.addEventListener('abort', this.#end, { once: true });
  }

  /** Whether changes are told at once. */
  get isLive(): boolean {
    return this.#channel !== undefined && this.#options.socket.state.state === 'open';
  }

  /** Whether they will not be told soon, rather than that the first join is still on its way. */
  get hasFailed(): boolean {
    return !this.isLive && (this.#failed || this.#options.socket.state.state === 'reconnecting');
  }

  /** Pushes without waiting for a reply; forgotten while the topic is not joined. */
  send(event: string, payload: unknown, options?: SendOptions): void {
    this.#channel?.send(event, payload, options);
  }

  /** Waits for what comes next; at the end of `signal` for no longer. */
  async next({ liveMs, deadMs }: Waits): Promise<News> {
    const began = performance.now();
    for (;;) {
      this.#deadSince = this.isLive ? undefined : (this.#deadSince ?? performance.now());
      if (this.#options.signal.aborted) return { kind: 'quiet' };
      const told = this.#news.shift();
      if (told !== undefined) return told;
      if (this.#channel === undefined) this.#join();
      else this.#pending ??= this.#read(this.#channel);
      const ms = this.isLive ? liveMs : deadMs;
      const left = ms === undefined ? undefined : ms - (performance.now() - Math.max(began, this.#deadSince ?? began));
      if (left !== undefined && left <= 0 && ms !== 0) {
        // Also a first join that takes so long: whoever waits asks in another way now.
        if (!this.isLive) this.#failed = true;
        return { kind: 'quiet' };
      }
      const news = await this.#wait(left === undefined ? undefined : Math.max(0, left));
      if (news === undefined) {
        if (ms === 0) return { kind: 'quiet' };
        continue;
      }
      this.#pending = undefined;
      if (news.kind !== 'event') {
        this.#channel = undefined;
        if (news.kind !== 'failed' || !isTooSlow(news.error)) this.#pause();
      }
      return news;
    }
  }

  /** Leaves for good. */
  readonly #end = (): void => {
    this.#unlisten();
    clearTimeout(this.#retry);
    void this.#channel?.leave().catch(() => {});
    this.#wake();
  };

  /** What came; `undefined` when the time is up, or something has changed that it depends on. */
  async #wait(ms: number | undefined): Promise<News | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const other = new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms !== undefined) timer = setTimeout(resolve, ms);
    });
    const news = await (this.#pending === undefined ? other : Promise.race([this.#pending, other]));
    clearTimeout(timer);
    return news ?? undefined;
  }

  #read(channel: Channel): Promise<News> {
    return channel
      .events()
      .next()
      .then(
        (result): News => (result.done === true ? { kind: 'ended' } : { kind: 'event', ...result.value }),
        (error: unknown): News => ({ kind: 'failed', error }),
      );
  }

  #join(): void {
    if (this.#joining) return;
    this.#joining = true;
    const { socket, topic, params, queue, signal, joinMs = 5000 } = this.#options;
    const how = { ...queue, patient: true, rejoins: true, timeout: joinMs, signal };
    socket.join(topic, params, how).then(
      (channel) => {
        this.#joining = false;
        this.#failed = false;
        this.#channel = channel;
        if (signal.aborted) return void channel.leave().catch(() => {});
        this.#news.push({ kind: 'event', event: REJOINED_EVENT, payload: channel.joined });
        this.#wake();
      },
      (error: unknown) => {
        this.#failed = true;
        if (signal.aborted) return;
        if (!isPassing(error)) this.#news.push({ kind: 'failed', error });
        this.#pause();
        this.#wake();
      },
    );
  }

  /** Joins again, but not at once. */
  #pause(): void {
    this.#joining = true;
    this.#retry = setTimeout(() => {
      this.#joining = false;
      this.#wake();
    }, this.#options.joinMs ?? 5000);
  }
}

/** Whether a channel failed because its reader was slow: what was kept has been read, the rest comes by another join. */
export function isTooSlow(error: unknown): boolean {
  return isRigError(error) && error.code === 'RIG_SLOW_CONSUMER';
}
