import type { Channel, ChannelEvent, JoinOptions, Socket, SocketHealth, SocketState } from '@rig/plugin-api';
import { createAgents, type Trust } from '../http/agents.ts';
import { onAbort } from '../on-abort.ts';
import { ChannelClient } from './channel-client.ts';
import type { ChannelHost } from './channel-host.ts';
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
import { SocketStates } from './socket-states.ts';
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
  readonly #states: SocketStates;
  readonly #meter: LinkMeter;
  readonly #token: ConnectToken;
  readonly #forgetAbort: () => void;
  #phoenix: PhoenixSocket | undefined;
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
    const sayStatus = createLinkStatus((text) => options.note?.(text));
    this.#states = new SocketStates({
      onChange: (state) => sayStatus(state, this.#isAwaited),
      onFault: (error) => this.#failAll(error),
    });
    if (options.onState !== undefined) this.#states.listen(options.onState.bind(options));
    this.#forgetAbort = onAbort(options.signal, () => this.#failAll(interrupted(options.signal.reason)));
  }

  get state(): SocketState {
    return this.#states.now;
  }

  onState(listener: (state: SocketState) => void): () => void {
    return this.#states.listen(listener);
  }

  states(): AsyncIterableIterator<SocketState> {
    return this.#states.stream();
  }

  health(): SocketHealth {
    const backlogs = this.#joined.map(({ backlog }) => backlog);
    return {
      state: this.state.state,
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
    this.#forgetAbort();
    for (const channel of this.#joined) channel.finish();
    this.#phoenix?.disconnect();
    await this.#transports.gone(500);
    this.#agents.destroy();
    this.#states.announce({ state: 'closed' });
    this.#meter.closed();
    this.#states.end();
  }

  /** Whether somebody waits for a connection that is lost. */
  get #isAwaited(): boolean {
    return this.#joined.some(({ isAwaitedAloud }) => isAwaitedAloud);
  }

  /** As they are now: those that end leave the map meanwhile. */
  get #joined(): ChannelClient[] {
    return [...this.#channels.values()];
  }

  #connect(): PhoenixSocket {
    this.#phoenix ??= this.#createPhoenix();
    if (this.state.state === 'closed') {
      this.#failures = 0;
      this.#token.accepted();
      this.#states.announce({ state: 'connecting' });
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
    this.#states.announce({ state: 'open' });
  }

  #lost(code: number | undefined): void {
    this.#meter.closed();
    if (this.state.state !== 'open' || this.#disposed) return;
    const reason = code === undefined ? 'Max has fallen silent' : `the connection was lost (${code})`;
    if (this.#channels.size > 0) this.#states.announce({ state: 'reconnecting', reason });
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
      for (const channel of this.#joined) if (!channel.mayWait) channel.fail(error);
    }
    if (this.#channels.size === 0) this.#rest();
    else this.#states.announce({ state: this.#wasOpen ? 'reconnecting' : 'connecting', reason: reasonOf(error) });
  }

  /** Grows until a join succeeds: a connection that opens and is lost at once is no progress. */
  #nextWait(): number {
    this.#reconnects += 1;
    return reconnectWait(this.#reconnects - 1);
  }

  #failAll(error: unknown): void {
    for (const channel of this.#joined) channel.fail(error);
    this.#lastError = error;
    this.#rest();
  }

  /** Stops trying, until somebody joins again. */
  #rest(): void {
    const reason = this.#lastError === undefined ? {} : { reason: reasonOf(this.#lastError) };
    this.#states.announce({ state: 'closed', ...reason });
    this.#phoenix?.disconnect();
  }

  #forget(channel: ChannelClient): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
