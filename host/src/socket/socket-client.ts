import type { Channel, ChannelEvent, JoinOptions, Socket, SocketHealth, SocketState } from '@rig/plugin-api';
import { createAgents, type Trust } from '../http/agents.ts';
import { ChannelClient, type ChannelHost } from './channel-client.ts';
import { ConnectToken } from './connect-token.ts';
import {
  type ConnectFailure,
  channelClosed,
  connectError,
  interrupted,
  isDefinite,
  joinRefused,
  noConnection,
  refusesToken,
} from './errors.ts';
import { LinkMeter } from './link-meter.ts';
import { createLinkStatus } from './link-status.ts';
import { OpenTransports } from './open-transports.ts';
import { createPhoenixSocket, type PhoenixSocket } from './phoenix.ts';
import { StateStreams } from './state-stream.ts';
import { createTransportClass } from './transport.ts';
import { reconnectWait, rejoinWait } from './waits.ts';
import { decodeMessage, encodeMessage, Payload, type WireMessage } from './wire.ts';

/** What the socket service is made of. */
export interface SocketOptions extends Trust {
  /** Base URL of Max, `http:` or `https:`. */
  url: string;
  /** Asked before each connection, so that a renewed token is used on the next one. */
  token(): Promise<string>;
  /** Asked once for another token when Max refuses the first; `undefined` where there is none. */
  onUnauthorized?(rejected: string): Promise<string | undefined>;
  userAgent: string;
  signal: AbortSignal;
  onState?(state: SocketState): void;
  /** Told of each event of a channel, before it is read. */
  onEvent?(topic: string, event: ChannelEvent): void;
  /** Says on stderr that a connection is lost which a patient channel waits for, and that it is back. */
  note?(text: string): void;
  /** Interval of the heartbeats, and the time in which one must be answered; 4,000 unless said. */
  heartbeatMs?: number;
}

/** The socket service as the host holds it. */
export interface HostSocket extends Socket {
  /** Closes the connection; whoever still waits is told. Nothing of it keeps the process alive afterwards. */
  dispose(): Promise<void>;
}

/** How often a connection is tried for those that cannot wait: at first, and when there was one before. */
const tries = { first: 3, again: 6 };

/** Phoenix channels to Max over one connection, which is made at the first join. */
export class SocketClient implements HostSocket {
  readonly #options: SocketOptions;
  readonly #agents: ReturnType<typeof createAgents>;
  readonly #transports = new OpenTransports();
  readonly #channels = new Map<string, ChannelClient>();
  readonly #listeners = new Set<(state: SocketState) => void>();
  readonly #streams = new StateStreams();
  readonly #meter: LinkMeter;
  readonly #token: ConnectToken;
  readonly #sayStatus: ReturnType<typeof createLinkStatus>;
  #phoenix: PhoenixSocket | undefined;
  #state: SocketState = { state: 'closed' };
  #failures = 0;
  #reconnects = 0;
  #wasOpen = false;
  #lastError: unknown;
  #disposed = false;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#agents = createAgents(options);
    this.#token = new ConnectToken(options);
    this.#meter = new LinkMeter(options.url);
    this.#sayStatus = createLinkStatus((text) => options.note?.(text));
    if (options.onState !== undefined) this.#listeners.add(options.onState.bind(options));
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get state(): SocketState {
    return this.#state;
  }

  onState(listener: (state: SocketState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  states(): AsyncIterableIterator<SocketState> {
    return this.#streams.from(() => this.#state);
  }

  health(): SocketHealth {
    const backlogs = [...this.#channels.values()].map(({ backlog }) => backlog);
    return {
      state: this.#state.state,
      ...this.#meter.figures(),
      channels: backlogs.length,
      unread: backlogs.reduce((sum, { unread }) => sum + unread, 0),
      waitingPushes: backlogs.reduce((sum, { waitingPushes }) => sum + waitingPushes, 0),
    };
  }

  ping(timeout?: number): Promise<number> {
    const phoenix = this.#phoenix;
    if (phoenix === undefined || !phoenix.isConnected()) return Promise.reject(noConnection(this.#options.url));
    const ref = phoenix.makeRef();
    const message = { topic: 'phoenix', event: 'heartbeat', payload: {}, ref, join_ref: null };
    return this.#meter.ping(ref, () => phoenix.push(message), timeout);
  }

  async join<Joined = unknown>(
    topic: string,
    params: object | (() => object) = {},
    options: JoinOptions = {},
  ): Promise<Channel<Joined>> {
    for (const signal of [this.#options.signal, options.signal]) {
      if (signal?.aborted) throw interrupted(signal.reason);
    }
    if (this.#disposed) throw channelClosed(topic, 'this command has ended');
    if (this.#channels.has(topic)) {
      throw joinRefused(this.#options.url, topic, { reason: 'this command has joined it already' });
    }
    const phoenix = this.#connect();
    const [meter, transports] = [this.#meter, this.#transports];
    const host: ChannelHost = {
      server: this.#options.url,
      phoenix,
      get frameBytes() {
        return meter.frameBytes;
      },
      get isFull() {
        return transports.isFull;
      },
      received: (event) => this.#options.onEvent?.(topic, event),
      lastError: () => this.#lastError,
      joined: () => {
        this.#reconnects = 0;
      },
      ended: (channel) => this.#forget(channel),
    };
    const channel = new ChannelClient(host, topic, params, options);
    this.#channels.set(topic, channel);
    await channel.start();
    return channel as Channel<Joined>;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    for (const channel of [...this.#channels.values()]) channel.finish();
    this.#phoenix?.disconnect();
    await this.#transports.gone(500);
    this.#agents.destroy();
    this.#announce({ state: 'closed' });
    this.#listeners.clear();
    this.#meter.closed();
    this.#streams.end();
  }

  readonly #onAbort = () => this.#failAll(interrupted(this.#options.signal.reason));

  #connect(): PhoenixSocket {
    this.#phoenix ??= this.#createPhoenix();
    if (this.#state.state === 'closed') {
      this.#failures = 0;
      this.#token.accepted();
      this.#announce({ state: 'connecting' });
      this.#phoenix.connect();
    }
    return this.#phoenix;
  }

  #createPhoenix(): PhoenixSocket {
    const { url, heartbeatMs = 4000 } = this.#options;
    const httpUrl = new URL(url);
    const transport = createTransportClass(
      {
        token: () => this.#token.next(),
        agent: () => this.#agents.of(httpUrl),
        userAgent: this.#options.userAgent,
        onFailure: (failure) => this.#connectFailed(failure),
        onLost: (code) => this.#lost(code),
        onWritten: () => {
          for (const channel of this.#channels.values()) channel.written();
        },
        onFault: (error) => this.#failAll(error),
      },
      this.#transports,
    );
    const phoenix = createPhoenixSocket(`${url.replace(/^http/, 'ws')}/socket`, {
      transport,
      heartbeatIntervalMs: heartbeatMs,
      reconnectAfterMs: () => this.#nextWait(),
      rejoinAfterMs: rejoinWait,
      encode: (message, send) => {
        if (message.payload === Payload.unsendable) return;
        const frame = encodeMessage(message);
        this.#meter.sent(message, frame);
        send(frame);
      },
      decode: (frame, receive) => this.#read(frame, receive),
    });
    phoenix.onOpen(() => this.#opened());
    return phoenix;
  }

  /** A frame that cannot be read ends the connection, not the process; the next connection makes up for it. */
  #read(frame: string | Buffer, receive: (message: WireMessage) => void): void {
    let message: WireMessage;
    try {
      message = decodeMessage(frame);
    } catch {
      this.#transports.cut();
      return;
    }
    this.#meter.received(message, frame);
    receive(message);
  }

  #opened(): void {
    this.#failures = 0;
    this.#wasOpen = true;
    this.#token.accepted();
    this.#lastError = undefined;
    this.#meter.opened();
    this.#announce({ state: 'open' });
  }

  #lost(code: number | undefined): void {
    this.#meter.closed();
    if (this.#state.state !== 'open' || this.#disposed) return;
    const reason = code === undefined ? 'Max has fallen silent' : `the connection was lost (${code})`;
    if (this.#channels.size > 0) this.#announce({ state: 'reconnecting', reason });
    else this.#rest();
  }

  #connectFailed(failure: ConnectFailure): void {
    const error = connectError(this.#options.url, failure);
    this.#lastError = error;
    if (failure.kind === 'refused' && refusesToken(failure.status) && this.#token.refuse(failure.token)) return;
    if (isDefinite(failure)) {
      this.#failAll(error);
      return;
    }
    this.#failures += 1;
    const most = this.#wasOpen ? tries.again : tries.first;
    if (this.#failures >= most) {
      for (const channel of [...this.#channels.values()]) if (!channel.mayWait) channel.fail(error);
    }
    if (this.#channels.size === 0) this.#rest();
    else this.#announce({ state: this.#wasOpen ? 'reconnecting' : 'connecting', reason: reasonOf(error) });
  }

  /** Grows until a join succeeds: a connection that opens and is lost at once is no progress. */
  #nextWait(): number {
    this.#reconnects += 1;
    return reconnectWait(this.#reconnects - 1);
  }

  #failAll(error: unknown): void {
    for (const channel of [...this.#channels.values()]) channel.fail(error);
    this.#lastError = error;
    this.#rest();
  }

  /** Stops trying, until somebody joins again. */
  #rest(): void {
    const reason = this.#lastError === undefined ? {} : { reason: reasonOf(this.#lastError) };
    this.#announce({ state: 'closed', ...reason });
    this.#phoenix?.disconnect();
  }

  #forget(channel: ChannelClient): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic);
  }

  #announce(state: SocketState): void {
    if (state.state === this.#state.state && state.reason === this.#state.reason) return;
    this.#state = state;
    this.#streams.push(state);
    this.#sayStatus(
      state,
      [...this.#channels.values()].some(({ isAwaitedAloud }) => isAwaitedAloud),
    );
    for (const listener of [...this.#listeners]) {
      try {
        listener(state);
      } catch (error) {
        // A listener's mistake must not end up in the socket's own timers; it surfaces where the command waits.
        queueMicrotask(() => this.#failAll(error));
      }
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
