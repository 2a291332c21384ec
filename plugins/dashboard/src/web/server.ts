import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ExitCode, RigError } from '@rig/plugin-api';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Access } from './access.ts';
import type { Asset } from './assets.ts';
import { cookieOf, headersFor, isSameOrigin, namesUs } from './guard.ts';
import { KEY_PREFIX, SUBPROTOCOL } from './protocol.ts';

/** What the server is made of. */
export interface WebServerOptions {
  /** 0: any that is free. */
  port: number;
  access: Access;
  assets: ReadonlyMap<string, Asset>;
  /** Called with each tab that may look. */
  onTab(socket: WebSocket): void;
  /** Whether a connection was made by another user of this machine, as far as that can be told. */
  isForeign(socket: Socket): Promise<boolean>;
}

/** A server that listens. */
export interface WebServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A token and what is around it; nothing else is ever sent to this server by HTTP. */
const MOST_BODY = 1024;
/** A tab's messages are a few words. */
const MOST_MESSAGE = 4096;

type JsonAnswer = (status: number, value: unknown, more?: Record<string, string>) => void;

const cookieName = (port: number): string => `rig-dashboard-${port}`;

/**
 * Serves the page, and the live connection of its tabs, on this machine's loopback addresses. Whatever is not a page of
 * its own, asked for under its own name, is refused.
 *
 * @throws RigError `RIG_PORT_TAKEN` (5), `RIG_PORT_REFUSED`
 */
export async function listenWeb(options: WebServerOptions): Promise<WebServer> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE, handleProtocols: () => SUBPROTOCOL });
  const servers: Server[] = [];
  let port = options.port;

  const mayLook = (request: IncomingMessage, key: string | undefined): boolean =>
    options.access.holds(cookieOf(request, cookieName(port)), key);

  const enter = async (request: IncomingMessage, json: JsonAnswer): Promise<void> => {
    const token = await readBody(request);
    if (await options.isForeign(request.socket)) return json(403, { why: 'user' });
    const session = options.access.enter(token);
    if (typeof session === 'string') return json(401, { why: session });
    const cookie = `${cookieName(port)}=${session.secret}; Path=/; HttpOnly; SameSite=Strict`;
    json(200, { key: session.key }, { 'set-cookie': cookie });
  };

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const answer = (status: number, type: string, body: string | Buffer, more: Record<string, string> = {}): void => {
      response.writeHead(status, {
        ...headersFor(request),
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        ...more,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const json: JsonAnswer = (status, value, more) => answer(status, 'application/json', JSON.stringify(value), more);

    if (!namesUs(request, port)) {
      response.writeHead(421, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
      response.end('This is a dashboard of rig. It answers under the address that rig printed, and no other name.\n');
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    if (path === '/session') {
      if (!isSameOrigin(request)) return void json(403, { why: 'origin' });
      if (request.method === 'GET') return void json(mayLook(request, keyHeader(request)) ? 200 : 401, {});
      if (request.method !== 'POST') return void json(405, {}, { allow: 'GET, POST' });
      void enter(request, json).catch(() => json(413, {}));
      return;
    }
    const asset = options.assets.get(path);
    if (asset === undefined) return void answer(404, 'text/plain; charset=utf-8', 'There is no such page.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return void answer(405, 'text/plain; charset=utf-8', 'This page can only be read.\n', { allow: 'GET, HEAD' });
    answer(200, asset.type, asset.body);
  };

  const upgrade = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    // The HTTP server has let go of it: nobody else hears of its errors, or closes it.
    socket.on('error', () => socket.destroy());
    const refuse = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
    };
    if (!namesUs(request, port)) return void refuse('421 Misdirected Request');
    if (request.url !== '/live') return void refuse('404 Not Found');
    // A browser always says where the page is from that opens a socket.
    if (request.headers.origin !== `http://${request.headers.host}`) return void refuse('403 Forbidden');
    if (!mayLook(request, keyProtocol(request))) return void refuse('401 Unauthorized');
    sockets.handleUpgrade(request, socket, head, options.onTab);
  };

  const listen = async (host: string): Promise<Server> => {
    const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, handle);
    server.on('upgrade', (request, socket, head) => upgrade(request, socket as Socket, head));
    server.on('clientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
    servers.push(server);
    return server;
  };

  try {
    const first = await listen('127.0.0.1');
    port = (first.address() as AddressInfo).port;
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, port);
  }
  // A browser that takes localhost for ::1 finds it too; without IPv6, or with somebody else there, it does not.
  await listen('::1').catch(() => {});

  return {
    port,
    async close() {
      for (const client of sockets.clients) client.terminate();
      await Promise.all(
        servers.map((server) => {
          const closed = new Promise((resolve) => server.close(resolve));
          server.closeAllConnections();
          return closed;
        }),
      );
    },
  };
}

const keyHeader = ({ headers }: IncomingMessage): string | undefined => {
  const key = headers['rig-dashboard-key'];
  return typeof key === 'string' ? key : undefined;
};

function keyProtocol({ headers }: IncomingMessage): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  return offered.find((one) => one.startsWith(KEY_PREFIX))?.slice(KEY_PREFIX.length);
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MOST_BODY) throw new Error('too long');
  }
  return text.trim();
}

function cannotListen(error: NodeJS.ErrnoException, port: number): RigError {
  const other = 'leave --port out and any that is free is taken, or choose one of 1024 or more';
  if (error.code === 'EADDRINUSE')
    return new RigError({
      code: 'RIG_PORT_TAKEN',
      message: `the dashboard cannot listen on port ${port} of 127.0.0.1: another program does already`,
      hint: other,
      exitCode: ExitCode.Conflict,
      cause: error,
    });
  const why = error.code === 'EACCES' ? 'the system does not allow it to this user' : error.message;
  return new RigError({
    code: 'RIG_PORT_REFUSED',
    message: `the dashboard cannot listen on port ${port} of 127.0.0.1: ${why}`,
    hint: other,
    cause: error,
  });
}
