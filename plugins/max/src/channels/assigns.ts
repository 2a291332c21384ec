import type { Scope } from '@rig/plugin-api/max';

/** Who is at the other end of a socket: what `connect` puts aside for the channels. */
export interface SocketAssigns {
  userId: string;
  scopes: readonly Scope[];
}
