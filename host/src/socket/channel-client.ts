import type { Channel, ChannelEvent, JoinOptions, PushOptions, SendOptions } from '@rig/plugin-api';
import { REJOINED_EVENT } from '@rig/plugin-api';
import { onAbort } from '../on-abort.ts';
import type { ChannelHost } from './channel-host.ts';
import { ChannelPushes, type PushAnswer } from './channel-pushes.ts';
import {
  answerLate,
  channelClosed,
  channelCrashed,
  interrupted,
  isFinalRefusal,
  joinRefused,
  slowConsumer,
} from './errors.ts';
import { EventQueue } from './event-queue.ts';
import type { PhoenixChannel } from './phoenix.ts';
import { Payload } from './wire.ts';

const answerMs = 10_000;
const leaveMs = 5000;
/** The official client's own timeout for joins is out of the way: its timers would outlive the command. */
const neverMs = 2 ** 31 - 1;
/** A channel that was joined for so long counts as well again. */
const steadyMs = 30_000;
const triesInARow = { brief: 3, patient: 20 };

/** A joined topic as a command sees it: promises that always settle, over a channel of the official client. */
export class ChannelClient implements Channel<never> {
  readonly topic: string;
  readonly #host: ChannelHost;
  readonly #options: JoinOptions;
  readonly #params: object | (() => object);
  readonly #channel: PhoenixChannel;
  readonly #queue: EventQueue;
  readonly #pushes: ChannelPushes;
  #state: 'joining' | 'joined' | 'rejoining' | 'leaving' | 'ended' = 'joining';
  #joined: unknown;
  #joinedAt = 0;
  #troubles = 0;
  #crashes = 0;
  #gone = false;
  #joinTimer: NodeJS.Timeout | undefined;
  #settleJoin: { resolve(): void; reject(error: unknown): void } | undefined;
  #settleLeave: (() => void) | undefined;
  #leaving: Promise<void> | undefined;
  #forgetAbort: () => void = () => {};

  constructor(host: ChannelHost, topic: string, params: object | (() => object), options: JoinOptions) {
    this.#host = host;
    this.topic = topic;
    this.#params = params;
    this.#options = options;
    this.#queue = new EventQueue(options);
    this.#pushes = new ChannelPushes({
      server: host.server,
      topic,
      isJoined: () => this.#state === 'joined',
      isFull: () => host.isFull,
      makeRef: () => host.phoenix.makeRef(),
      write: (event, payload, ref) => this.#write(event, payload, ref),
    });
    this.#channel = host.phoenix.channel(topic, () => this.#joinPayload());
    this.#channel.onMessage = (event, payload, ref) => {
      this.#receive(event, payload, ref);
      return payload;
    };
    this.#channel.onError((reason) => this.#interrupted(reason));
    this.#channel.onClose(() => this.#closed());
  }

  get joined(): never {
    return this.#joined as never;
  }

  /** Whether the first join is done, so that a patient follower may wait for the connection to come back. */
  get mayWait(): boolean {
    return (this.#options.patient ?? false) !== false && this.#state !== 'joining';
  }

  /** Whether a person is told that the connection is waited for. */
  get isAwaitedAloud(): boolean {
    return this.mayWait && this.#options.patient !== 'quiet';
  }

  /** Joins for the first time. */
  start(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#settleJoin = { resolve, reject };
      const { signal } = this.#options;
      if (signal !== undefined) this.#forgetAbort = onAbort(signal, () => this.fail(interrupted(signal.reason)));
      this.#channel
        .join(neverMs)
        .receive('ok', (response) => this.#accepted(response))
        .receive('error', (response) => this.#refused(response));
    });
  }

  /** How many events nobody has read, and how many pushes wait for a connection. */
  get backlog(): { unread: number; waitingPushes: number } {
    return { unread: this.#queue.length, waitingPushes: this.#pushes.waiting };
  }

  /** The connection has room again. */
  written(): void {
    this.#pushes.flush();
  }

  push<R = unknown>(event: string, payload: unknown, options: PushOptions = {}): Promise<R> {
    if (this.#isOver) return Promise.reject(this.#left());
    return this.#pushes.push(event, payload, options) as Promise<R>;
  }

  send(event: string, payload: unknown, options: SendOptions = {}): void {
    if (!this.#isOver) this.#pushes.send(event, payload, options);
    else if (options.offline === 'fail' || options.offline === 'keep') throw this.#left();
  }

  events<T = unknown>(): AsyncIterableIterator<ChannelEvent<T>> {
    return this.#queue as AsyncIterableIterator<ChannelEvent<T>>;
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    if (this.#state === 'joined') {
      this.#state = 'leaving';
      this.#pushes.rejectAll(this.#left());
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leaveMs);
        this.#settleLeave = () => {
          clearTimeout(timer);
          resolve();
        };
        this.#write('phx_leave', {}, this.#host.phoenix.makeRef());
      });
    }
    this.finish();
  }

  /** Ends the channel in order: readers come to an end. */
  finish(): void {
    this.#end(this.#left());
  }

  /** Ends the channel with an error, which every waiter gets. */
  fail(error: unknown): void {
    this.#queue.fail(error);
    this.#end(error);
  }

  /** Called for each join and rejoin. */
  #joinPayload(): Payload {
    const ms = this.#options.timeout ?? answerMs;
    clearTimeout(this.#joinTimer);
    this.#joinTimer = setTimeout(() => this.#joinLate(ms), ms);
    if (typeof this.#params !== 'function') return new Payload(this.#params);
    // What was not read will come again: the reader's place, which the params tell, is before it.
    if (this.#state !== 'joining') this.#queue.clear();
    try {
      return new Payload(this.#params());
    } catch (error) {
      queueMicrotask(() => this.fail(error));
      return Payload.unsendable;
    }
  }

  #accepted(response: unknown): void {
    if (this.#state === 'ended') return;
    clearTimeout(this.#joinTimer);
    this.#joinedAt = Date.now();
    this.#troubles = 0;
    this.#host.joined();
    const first = this.#state === 'joining';
    this.#state = 'joined';
    if (first) {
      this.#joined = response;
      this.#settleJoin?.resolve();
    }
    if (!first && this.#options.rejoins === true) this.#keep(REJOINED_EVENT, response);
    this.#pushes.flush();
  }

  #refused(response: unknown): void {
    if (this.#state === 'ended') return;
    clearTimeout(this.#joinTimer);
    this.#troubles += 1;
    if (this.#state === 'joining' || isFinalRefusal(response) || this.#troubles >= this.#mostTroubles) {
      this.fail(joinRefused(this.#host.server, this.topic, response));
    }
  }

  #joinLate(ms: number): void {
    this.#troubles += 1;
    const connected = this.#host.phoenix.isConnected();
    if (this.#state === 'joining' || (connected && this.#troubles >= this.#mostTroubles)) {
      const late = answerLate(this.#host.server, `the join of ${this.topic}`, ms);
      this.fail(connected ? late : (this.#host.lastError() ?? late));
    } else if (connected) {
      this.#write('phx_leave', {}, null);
      this.#channel.trigger('phx_error', { source: 'client', reason: 'join timeout' });
    }
  }

  /** The connection is lost, or the channel crashed at Max; the official client will join again. */
  #interrupted(reason: unknown): void {
    clearTimeout(this.#joinTimer);
    if (this.#state === 'leaving') {
      this.#settleLeave?.();
      return;
    }
    const { source, reason: kind } = (reason ?? {}) as { source?: unknown; reason?: unknown };
    if (this.#state !== 'joined') {
      // A connection that did not come about is counted by the socket.
      if (source === 'transport' && kind !== 'connection_error') this.#droppedWhileJoining();
      return;
    }
    this.#state = 'rejoining';
    const lost = source === 'transport';
    const why = lost ? 'the connection was lost' : 'Max broke it off';
    this.#pushes.interrupted((event) => channelClosed(this.topic, why, event));
    if (lost) return;
    if (Date.now() - this.#joinedAt > steadyMs) this.#crashes = 0;
    this.#crashes += 1;
    if (this.#crashes >= this.#mostTroubles) this.fail(channelCrashed(this.topic));
  }

  /** A server that takes connections and drops them, or falls silent, would else keep a join waiting for ever. */
  #droppedWhileJoining(): void {
    if (this.mayWait) return;
    this.#troubles += 1;
    if (this.#troubles < this.#mostTroubles) return;
    this.fail(channelClosed(this.topic, 'the connection was lost again and again before the join was answered'));
  }

  /** Max has closed the channel, or the official client has, on our behalf. */
  #closed(): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'leaving') this.#settleLeave?.();
    this.#gone = true;
    this.#end(channelClosed(this.topic, 'Max has ended it'));
  }

  get #mostTroubles(): number {
    return this.mayWait ? triesInARow.patient : triesInARow.brief;
  }

  #receive(event: string, payload: unknown, ref: string | null): void {
    if (this.#state === 'ended') return;
    if (event === 'phx_reply') {
      this.#pushes.answered(ref, payload as PushAnswer);
      return;
    }
    if (event.startsWith('phx_') || event.startsWith('chan_reply_')) return;
    this.#host.received({ event, payload });
    this.#keep(event, payload);
  }

  #keep(event: string, payload: unknown): void {
    if (!this.#queue.push({ event, payload }, this.#host.frameBytes))
      this.fail(slowConsumer(this.topic, this.#queue.length));
  }

  #write(event: string, payload: unknown, ref: string | null): void {
    const message = { topic: this.topic, event, payload: new Payload(payload), ref, join_ref: this.#channel.joinRef() };
    this.#host.phoenix.push(message);
  }

  get #isOver(): boolean {
    return this.#state === 'ended' || this.#state === 'leaving';
  }

  #left(): unknown {
    return channelClosed(this.topic, 'it has been left');
  }

  #end(error: unknown): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearTimeout(this.#joinTimer);
    this.#forgetAbort();
    this.#settleJoin?.reject(error);
    this.#settleLeave?.();
    this.#pushes.rejectAll(error);
    this.#queue.end();
    // It also stops the official client's timers for this channel.
    if (!this.#gone) this.#channel.leave();
    this.#host.ended(this);
  }
}
