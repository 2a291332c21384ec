import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ConnectContext,
  type ConnectResult,
  Endpoint,
  type EndpointProblem,
  type MountOptions,
} from '../../plugins/max/src/socket/index.ts';
import { type ReferenceAssigns, referenceChannels } from './reference-channels.ts';

/** A running reference server. */
export interface ReferenceServer {
  readonly endpoint: Endpoint;
  /** `127.0.0.1:PORT`. */
  readonly base: string;
  /** Stops the sockets in order, then the server. */
  stop(): Promise<void>;
  /** Drops every connection at once, as a kill does. */
  kill(): Promise<void>;
}

/** Serves the reference channels on every mount that the transcripts were recorded with. */
export async function startReferenceServer(
  port = 0,
  onProblem: (problem: EndpointProblem) => void = () => {},
): Promise<ReferenceServer> {
  const endpoint = new Endpoint({ onProblem });
  const channels = referenceChannels(endpoint);
  const mount = (path: string, options: Partial<MountOptions<ReferenceAssigns>> = {}) =>
    endpoint.mount<ReferenceAssigns>(path, { connect, channels, authToken: false, ...options });
  mount('/socket', { authToken: true });
  mount('/socket_short', { idleTimeoutMs: 3000 });
  mount('/socket_small', { maxFrameBytes: 1000 });
  mount('/socket_deflate', { compress: true });
  mount('/socket_origin', { checkOrigin: ['//good.example'] });
  mount('/socket_errh', { connect: (context) => explain(connect(context)) });
  mount('/socket_max2', { maxChannels: 2 });

  const server = createServer((request, response) => {
    if (!endpoint.handleRequest(request, response)) administer(endpoint, request, response);
  });
  server.on('upgrade', (request, stream, head) => {
    if (!endpoint.handleUpgrade(request, stream, head)) stream.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const closed = () => new Promise<void>((resolve) => server.close(() => resolve()));
  const streams = new Set<{ destroy(): void; once(event: 'close', listener: () => void): unknown }>();
  server.on('connection', (stream) => {
    streams.add(stream);
    stream.once('close', () => streams.delete(stream));
  });
  return {
    endpoint,
    base: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      await endpoint.stop();
      server.closeAllConnections();
      await closed();
    },
    async kill() {
      const done = closed();
      for (const stream of streams) stream.destroy();
      await done;
    },
  };
}

function connect({ params, authToken }: ConnectContext): ConnectResult<ReferenceAssigns> {
  const token = authToken ?? params.token;
  const user = token === 'whoami' ? JSON.stringify(params) : (params.user ?? 'anon');
  if (token === 'raise') throw new Error('asked to raise in connect');
  if (token === 'tuple') return { refuse: { headers: { 'x-reason': 'rate_limit' } } };
  if (token !== 'good' && token !== 'whoami') return { refuse: {} };
  return { id: `users_socket:${user}`, assigns: { user } };
}

/** The mount with an error handler of its own, which answers a refusal that gave a reason. */
function explain(result: ConnectResult<ReferenceAssigns>): ConnectResult<ReferenceAssigns> {
  if (!('refuse' in result) || result.refuse.headers?.['x-reason'] === undefined) return result;
  const reason = `:${result.refuse.headers['x-reason']}`;
  return { refuse: { status: 429, headers: { 'x-refapp-error': reason }, body: `custom error handler: ${reason}` } };
}

function administer(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse): void {
  const [root, action, ...rest] = (request.url ?? '').slice(1).split('/').map(decodeURIComponent);
  if (root === 'admin' && action === 'disconnect' && rest[0] !== undefined) {
    endpoint.disconnect(`users_socket:${rest[0]}`);
  } else if (root === 'admin' && action === 'broadcast' && rest[0] !== undefined && rest[1] !== undefined) {
    endpoint.broadcast(rest[0], rest[1], { from: 'endpoint' });
  } else {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end('{"ok":true}');
}
