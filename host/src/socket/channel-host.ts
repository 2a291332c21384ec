import type { ChannelEvent } from '@rig/plugin-api';
import type { ChannelClient } from './channel-client.ts';
import type { PhoenixSocket } from './phoenix.ts';

/** What a channel needs of the socket that it is joined on. */
export interface ChannelHost {
  readonly server: string;
  readonly phoenix: PhoenixSocket;
  /** Bytes of the frame that is handled at present. */
  readonly frameBytes: number;
  /** Whether so much waits in the connection that more is not to be given to it. */
  readonly isFull: boolean;
  /** Why there is no connection at present. */
  lastError(): unknown;
  /** An event has come. */
  received(event: ChannelEvent): void;
  /** A join succeeded. */
  joined(): void;
  /** The channel has ended. */
  ended(channel: ChannelClient): void;
}
