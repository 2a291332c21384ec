import type { IncomingMessage } from 'node:http';
import type { Channel } from './channel.ts';
import type { ChannelSocket } from './channel-socket.ts';
import type { Frame, Serializer } from './message.ts';

/** Makes the channel that serves one join. */
export type ChannelFactory<Assigns = unknown> = (socket: ChannelSocket<Assigns>) => Channel<Assigns>;

/** What a client brings to its connect. */
export interface ConnectContext {
  /** The query's parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** The token that came as subprotocol. */
  readonly authToken: string | undefined;
  readonly request: IncomingMessage;
}

/** A connect that was let in. */
export interface ConnectInfo<Assigns = unknown> {
  /** A name for all sockets that {@link Endpoint.disconnect} should end together, such as one user's. */
  readonly id?: string | undefined;
  readonly assigns: Assigns;
}

/** A connect that was turned away: an HTTP answer instead of the upgrade. */
export interface Refusal {
  /** 403 unless said. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a mount's `connect` answers. */
export type ConnectResult<Assigns> = ConnectInfo<Assigns> | { readonly refuse: Refusal };

/** A path at which sockets are served, and by what. */
export interface MountOptions<Assigns = unknown> {
  /** Decides who may connect. An exception answers 500. */
  connect(context: ConnectContext): ConnectResult<Assigns> | Promise<ConnectResult<Assigns>>;
  /** Which channel serves which topic; `*` stands at the end of a prefix. */
  readonly channels: ReadonlyArray<readonly [pattern: string, factory: ChannelFactory<Assigns>]>;
  /** After so long without a byte from the client the socket is closed; 60,000 unless said. */
  readonly idleTimeoutMs?: number;
  /** The most that one frame may have, header included; 8,000,000 unless said. */
  readonly maxFrameBytes?: number;
  /** The most that a message in several frames may have; 8,000,000 unless said. */
  readonly maxMessageBytes?: number;
  /**
   * Frames that a client may send in a second, pings and fragments included; no limit unless said. One that sends more
   * is read from no faster.
   */
  readonly maxFramesPerSecond?: number;
  /** Joined channels a socket; 100 unless said. */
  readonly maxChannels?: number;
  /** Bytes that may wait for a slow client before its connection is cut; 16 MiB unless said. */
  readonly maxBufferedBytes?: number;
  /**
   * Which web pages may connect, by their `Origin`: `true` (unless said) those of the host itself, `false` all, or a
   * list such as `//good.example`, `https://*.good.example`. A client that is no browser sends none and is let pass.
   */
  readonly checkOrigin?: boolean | readonly string[];
  /** Compresses frames with clients that offer it. */
  readonly compress?: boolean;
  /** Takes a token from the subprotocol beside `phoenix`; `true` unless said. */
  readonly authToken?: boolean;
}

/** The limits of one socket. */
export interface SocketLimits {
  readonly idleTimeoutMs: number;
  readonly maxFramesPerSecond: number;
  readonly maxChannels: number;
  readonly maxBufferedBytes: number;
}

/** A joined channel, as broadcasts see it. */
export interface Subscriber {
  /** Whether the channel wants to see this event before its client does. */
  intercepts(event: string): boolean;
  /** Whether this client does not get this one. */
  leavesOut(event: string): boolean;
  deliverOut(event: string, payload: unknown): void;
}

/** A connected client, as broadcasts see it. */
export interface Receiver {
  readonly serializer: Serializer;
  send(frame: Frame): void;
}

/** What a socket asks of its endpoint. */
export interface SocketHost {
  subscribe(topic: string, subscriber: Subscriber, receiver: Receiver): void;
  unsubscribe(topic: string, subscriber: Subscriber): void;
  broadcast(topic: string, event: string, payload: unknown, from: unknown): void;
  report(cause: unknown, topic: string | undefined, during: string): void;
  track(work: Promise<void>): void;
}
