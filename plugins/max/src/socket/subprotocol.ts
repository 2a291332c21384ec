import type { IncomingMessage } from 'node:http';

const bearerPrefix = 'base64url.bearer.phx.';

/** The subprotocol that is answered to a client which brings its token as another one. */
export const phoenixProtocol = 'phoenix';

/** What a client offered as `Sec-WebSocket-Protocol`. */
export interface OfferedProtocols {
  /** Whether `phoenix` is among them. */
  readonly phoenix: boolean;
  readonly authToken: string | undefined;
}

/** Reads the offered subprotocols; throws where the token in them is not base64. */
export function readProtocols(request: IncomingMessage): OfferedProtocols {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const bearer = offered.find((name) => name.startsWith(bearerPrefix));
  return {
    phoenix: offered.includes(phoenixProtocol),
    authToken: bearer === undefined ? undefined : decodeToken(bearer.slice(bearerPrefix.length)),
  };
}

function decodeToken(text: string): string {
  // The official client writes plain base64 under this name, so both alphabets are read.
  if (!/^[A-Za-z0-9+/_-]*$/.test(text)) throw new TypeError('the token in the subprotocol is not base64');
  return Buffer.from(text, 'base64').toString('utf8');
}
