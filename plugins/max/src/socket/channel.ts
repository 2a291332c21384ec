import type { ChannelProcess } from './channel-process.ts';
import type { ChannelSocket } from './channel-socket.ts';
import type { HandlerResult, Reply } from './result.ts';

/** Names the message that a delayed reply answers; keep it and pass it to {@link Channel.reply}. */
export interface ReplyRef {
  readonly ref: unknown;
}

/** What the library calls to tie a channel to its process. */
export const bindProcess: unique symbol = Symbol('bindProcess');

/**
 * One joined topic of one socket. Subclasses say what a join, an event and the end mean.
 *
 * Everything a channel does runs in one line, like an Elixir process: the next message waits until the promise of the
 * handler before it has settled. Different channels run side by side. An exception in a handler ends the channel, and
 * the client is told by `phx_error`.
 */
export abstract class Channel<Assigns = unknown> {
  /** Broadcast events that go through `handleOut` instead of straight to the client. */
  readonly intercepts: readonly string[] = [];

  #process: ChannelProcess<Assigns> | undefined;

  [bindProcess](process: ChannelProcess<Assigns>): void {
    this.#process = process;
  }

  /** Decides whether the client may join: `ok(response)` or `error(response)`. Nothing may be pushed from here. */
  abstract join(topic: string, payload: unknown): Reply | Promise<Reply>;

  /** Answers one message of the client. Return nothing to answer later with {@link reply}, or never. */
  handleIn(event: string, _payload: unknown, _ref: ReplyRef): HandlerResult | Promise<HandlerResult> {
    throw new TypeError(`${this.constructor.name} has no handler for the event ${JSON.stringify(event)}`);
  }

  /** Decides what this client gets of an intercepted broadcast; passes it on unless overridden. */
  handleOut(event: string, payload: unknown): void | Promise<void> {
    this.push(event, payload);
  }

  /** Whether this client does not get a broadcast: for events of which only the newest counts, where it is slow. */
  leavesOut(_event: string): boolean {
    return false;
  }

  /**
   * Frees what the channel holds; called once for every channel that was joined, however it ended: `left`, `closed`
   * (the connection is gone), `duplicate`, `crash`, or the reason of a `stop`.
   */
  terminate(_reason: string): void | Promise<void> {}

  /** The topic that was joined. */
  get topic(): string {
    return this.#bound.topic;
  }

  /** The socket this channel belongs to: its id, assigns and back-pressure. */
  get socket(): ChannelSocket<Assigns> {
    return this.#bound.socket;
  }

  /** What the socket's `connect` put aside for its channels. */
  get assigns(): Assigns {
    return this.#bound.socket.assigns;
  }

  /** Names this join in every frame that the channel sends. */
  get joinRef(): unknown {
    return this.#bound.joinRef;
  }

  /** Aborted when the channel ends, also while a handler still runs. */
  get signal(): AbortSignal {
    return this.#bound.signal;
  }

  /** Sends an event to this client; does nothing after the end. A Buffer, or several in an array, goes out as a binary frame. */
  push(event: string, payload: unknown): void {
    this.#bound.push(event, payload);
  }

  /** Answers a message whose handler returned nothing. */
  reply(ref: ReplyRef, answer: Reply): void {
    this.#bound.reply(ref, answer);
  }

  /** Sends an event to everyone on this topic, this client too. */
  broadcast(event: string, payload: unknown): void {
    this.#bound.broadcast(event, payload, false);
  }

  /** Sends an event to everyone on this topic but this client. */
  broadcastFrom(event: string, payload: unknown): void {
    this.#bound.broadcast(event, payload, true);
  }

  /**
   * Runs a task in the channel's line: after the join's answer and the messages before it. For work that a timer, a
   * file or another process starts. It may give back a `stop`; an exception ends the channel as one in `handleIn` does.
   */
  run(task: () => unknown): void {
    this.#bound.run(task);
  }

  /** Ends the channel from outside a handler, in its turn. */
  close(reason = 'normal'): void {
    this.run(() => ({ kind: 'stop', reason, reply: undefined }));
  }

  /** Resolves once at most `bytes` wait to be written to this client; rejects when the channel ends first. */
  drained(bytes?: number): Promise<void> {
    return this.#bound.drained(bytes);
  }

  get #bound(): ChannelProcess<Assigns> {
    if (this.#process === undefined) throw new TypeError('a channel has no topic or socket before its join');
    return this.#process;
  }
}
