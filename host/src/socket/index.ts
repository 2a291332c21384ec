import { EventTaps } from './event-taps.ts';
import { type HostSocket, SocketClient, type SocketOptions } from './socket-client.ts';

export type { HostSocket, SocketOptions };
export { EventTaps };

/** Makes the socket service; nothing is connected before the first join. */
export function createSocket(options: SocketOptions): HostSocket {
  return new SocketClient(options);
}
