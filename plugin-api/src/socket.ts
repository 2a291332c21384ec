/** How a channel is joined. */
export interface JoinOptions {
  /** Milliseconds for the join's answer, 10,000 unless said. */
  timeout?: number;
  /**
   * `true` for followers: reconnect for as long as it takes, with a line on stderr when the connection is lost and when
   * it is back; `quiet` leaves the lines to who joins. Otherwise a few tries, then the stream fails.
   */
  patient?: boolean | 'quiet';
  /** Gives up joining, and leaves if it has joined. */
  signal?: AbortSignal;
  /**
   * What becomes of events that come faster than they are read, so that memory stays flat:
   * - `close`, unless said: the channel ends; what is kept is still read, then `events()` throws `RIG_SLOW_CONSUMER`.
   * - `drop-oldest`: the oldest make room, and one {@link GAP_EVENT} stands where they were.
   * - `window`: none is dropped, because the topic itself sends no more than is acknowledged.
   */
  overflow?: 'close' | 'drop-oldest' | 'window';
  /** Events that may wait to be read; 10,000 unless said. */
  mostUnread?: number;
  /** Bytes of frames that may wait to be read, at least one event apart; 16 MiB unless said. */
  mostUnreadBytes?: number;
  /** `true`: each further answer to a join comes as a {@link REJOINED_EVENT} among the events. */
  rejoins?: boolean;
}

/** One event of a channel. */
export interface ChannelEvent<T = unknown> {
  /** Name of the event. */
  event: string;
  /** JSON-plain, or a Buffer for a binary frame. */
  payload: T;
}

/** Stands in `events()` where unread events were dropped; its payload is an {@link EventGap}. Never sent by Max. */
export const GAP_EVENT = 'rig:gap';

/** Stands in `events()` where the channel was joined again; its payload is the join's answer. Never sent by Max. */
export const REJOINED_EVENT = 'rig:rejoined';

/** How much is missing. */
export interface EventGap {
  /** How many events were dropped. */
  dropped: number;
}

/** What a push is given whose answer is waited for. */
export interface PushOptions {
  /** Milliseconds for the answer, time spent offline included; 10,000 unless said. */
  timeout?: number;
  /**
   * What happens while the channel is not joined: `keep`, unless said, sends it after the next join; `fail` rejects at
   * once with `RIG_OFFLINE`. At most 256 pushes of a channel, and 1 MiB of them, wait; more are rejected in the same way.
   * They wait too, whatever is said here, while 1 MiB waits in a connection whose other end does not read.
   */
  offline?: 'keep' | 'fail';
}

/** What a push is given that wants no answer. */
export interface SendOptions {
  /**
   * What happens while the channel is not joined: `drop`, unless said, forgets it; `keep` sends it after the next join,
   * or throws `RIG_OFFLINE` where too many wait; `fail` throws `RIG_OFFLINE`.
   */
  offline?: 'drop' | 'keep' | 'fail';
}

/**
 * A joined channel. It rejoins by itself when the connection comes back.
 *
 * A payload of bytes goes out as a binary message, and so does an array of them, one after the other; all else goes as JSON.
 */
export interface Channel<Joined = unknown> {
  /** The topic that was joined. */
  readonly topic: string;
  /** The answer to the first join. */
  readonly joined: Joined;
  /**
   * Pushes and waits for the reply.
   * @throws RigError `RIG_CHANNEL_ERROR`, `RIG_TIMEOUT`, `RIG_CHANNEL_CLOSED`, `RIG_OFFLINE`
   */
  push<R = unknown>(event: string, payload: unknown, options?: PushOptions): Promise<R>;
  /** Pushes without waiting for a reply (an acknowledgement, say). @throws RigError `RIG_OFFLINE` as its options say */
  send(event: string, payload: unknown, options?: SendOptions): void;
  /** Every event from the join on, once, in order; ends when the channel is left, throws when it fails for good. */
  events<T = unknown>(): AsyncIterableIterator<ChannelEvent<T>>;
  /** Leaves; settles when Max has answered or the connection is gone. */
  leave(): Promise<void>;
}

/** Whether the socket is usable; `reason` says why not. */
export interface SocketState {
  /** `reconnecting` is usable again by itself; `closed` is not. */
  state: 'connecting' | 'open' | 'reconnecting' | 'closed';
  /** Why it is not open, for a person. */
  reason?: string;
}

/** How the connection fares. */
export interface SocketHealth {
  /** The state now. */
  state: SocketState['state'];
  /** When this connection was made, ISO 8601 in UTC; `undefined` while there is none. */
  openSince: string | undefined;
  /** How often the connection came back. */
  reconnects: number;
  /** Milliseconds that the last heartbeat or ping took there and back; `undefined` before the first. */
  rttMs: number | undefined;
  /** The same smoothed, an eighth of the weight to each new one. */
  smoothedRttMs: number | undefined;
  /** Milliseconds since the last frame of Max; `undefined` before the first. */
  silentMs: number | undefined;
  /** Bytes of all frames that were sent, without the headers of the protocol below. */
  sentBytes: number;
  /** Bytes of all frames that were received. */
  receivedBytes: number;
  /** Channels that are joined or about to be. */
  channels: number;
  /** Events that nobody has read yet, of all channels. */
  unread: number;
  /** Pushes that wait for a connection, of all channels. */
  waitingPushes: number;
}

/** Phoenix channels to Max over one shared connection. */
export interface Socket {
  /**
   * Joins a topic. A function as `params` is asked anew at every (re)join, so that a stream resumes where it stopped.
   * @throws RigError `RIG_UNREACHABLE` (6), `RIG_NOT_SIGNED_IN` (4), `RIG_JOIN_REFUSED`, `RIG_TIMEOUT` (7)
   */
  join<Joined = unknown>(
    topic: string,
    params?: object | (() => object),
    options?: JoinOptions,
  ): Promise<Channel<Joined>>;
  /** The state now. */
  readonly state: SocketState;
  /** Calls back on each change of state; gives a function that stops it. */
  onState(listener: (state: SocketState) => void): () => void;
  /** The state now, then each change; ends with the command. A slow reader misses the oldest beyond 64. */
  states(): AsyncIterableIterator<SocketState>;
  /** Figures of the connection now. */
  health(): SocketHealth;
  /**
   * Asks Max for a sign of life, and gives the milliseconds it took.
   * @throws RigError `RIG_OFFLINE` (6) where there is no connection, `RIG_TIMEOUT` (7) after `timeout`, 5,000 ms unless said
   */
  ping(timeout?: number): Promise<number>;
}
