import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { hasBody } from '../router/request-body.ts';

/** What goes with the upgrade alone. */
const OF_UPGRADES = new Set(['upgrade', 'http2-settings']);

/**
 * Serves requests that offer an upgrade which is not taken up, as a server may (RFC 9110, 7.8). Node has stopped to read such
 * a request at the end of its head, so that its connection is read by a second server, which knows of no upgrades.
 */
export class PlainRequests {
  readonly #server: Server;

  constructor(onRequest: RequestListener) {
    // One request for a connection: the next may ask for an upgrade that is to be taken up.
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 60_000 }, onRequest);
    this.#server.maxRequestsPerSocket = 1;
  }

  /** Whether a request is to be served without its upgrade: one with a body, as Java's client sends, or one to HTTP/2. */
  static wants(req: IncomingMessage): boolean {
    return hasBody(req) || /^h2c$/i.test(req.headers.upgrade ?? '');
  }

  /** Serves it. */
  serve(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.unshift(Buffer.concat([headOf(req), head]));
    this.#server.emit('connection', socket);
  }
}

/** The head as it came, but for the offer. */
function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    const lower = name.toLowerCase();
    if (OF_UPGRADES.has(lower)) continue;
    const value = lower === 'connection' ? withoutOffer(rawHeaders[index + 1]!) : rawHeaders[index + 1]!;
    if (value !== '' || lower !== 'connection') text += `${name}: ${value}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, 'latin1');
}

function withoutOffer(connection: string): string {
  const tokens = connection.split(',').map((token) => token.trim());
  return tokens.filter((token) => !OF_UPGRADES.has(token.toLowerCase())).join(', ');
}
