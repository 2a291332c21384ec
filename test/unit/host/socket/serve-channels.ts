import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createSocket, type HostSocket, type SocketOptions } from '../../../../host/src/socket/index.ts';
import {
  Channel,
  Endpoint,
  error,
  type HandlerResult,
  ok,
  type Reply,
  type ReplyRef,
  stop,
} from '../../../../plugins/max/src/socket/index.ts';

/** What the server saw. */
export interface Seen {
  /** The token of each connect. */
  tokens: Array<string | undefined>;
  requests: IncomingMessage[];
  /** Topic and params of each join. */
  joins: Array<[string, unknown]>;
  /** Reasons of each end. */
  ends: string[];
  /** Acknowledgements that came without wanting a reply. */
  acks: unknown[];
}

/** A server of channels in this process. */
export interface ServedChannels {
  readonly url: string;
  readonly port: number;
  readonly endpoint: Endpoint;
  readonly seen: Seen;
  /** Resolves when the named event has come to a channel. */
  received(event: string): Promise<void>;
  /** Drops every connection and the port at once, as `kill -9` does. */
  kill(): Promise<void>;
}

/** Channels that do what a test asks of them. */
class TestChannel extends Channel<undefined> {
  readonly #seen: Seen;
  readonly #received: (event: string) => void;

  constructor(seen: Seen, received: (event: string) => void) {
    super();
    this.#seen = seen;
    this.#received = received;
  }

  join(topic: string, payload: unknown): Reply | Promise<Reply> {
    this.#seen.joins.push([topic, payload]);
    const wish = payload as { refuse?: unknown; pushes?: string[]; hang?: boolean };
    if (wish.hang === true) return new Promise(() => {});
    if (wish.refuse !== undefined) return error(wish.refuse);
    for (const event of wish.pushes ?? []) this.run(() => this.push(event, { of: topic }));
    return ok({ topic });
  }

  override handleIn(event: string, payload: unknown, _ref: ReplyRef): HandlerResult {
    this.#received(event);
    switch (event) {
      case 'echo':
        return ok(payload);
      case 'fail':
        return error(payload);
      case 'silent':
        return undefined;
      case 'ack':
        this.#seen.acks.push(payload);
        return undefined;
      case 'crash':
        throw new Error('asked to crash');
      case 'stop':
        return stop();
      case 'emit':
        this.push('emitted', payload);
        return ok();
      default:
        throw new Error(`no such event: ${event}`);
    }
  }

  override terminate(reason: string): void {
    this.#seen.ends.push(reason);
  }
}

/** Starts a server; connects with a token other than `good…` are refused. */
export async function serveChannels(port = 0, seen: Seen = newSeen(), refusal = 401): Promise<ServedChannels> {
  const endpoint = new Endpoint();
  const waiting = new Map<string, Array<() => void>>();
  const received = (event: string) => {
    for (const resolve of waiting.get(event) ?? []) resolve();
    waiting.delete(event);
  };
  endpoint.mount<undefined>('/socket', {
    connect: ({ authToken, request }) => {
      seen.tokens.push(authToken);
      seen.requests.push(request);
      return authToken?.startsWith('good') ? { id: 'all', assigns: undefined } : { refuse: { status: refusal } };
    },
    channels: [['test:*', () => new TestChannel(seen, received)]],
  });
  const server = createServer((_request, response) => response.writeHead(404).end());
  const streams = new Set<Socket>();
  server.on('connection', (stream) => {
    streams.add(stream);
    stream.once('close', () => streams.delete(stream));
  });
  server.on('upgrade', (request, stream, head) => {
    if (!endpoint.handleUpgrade(request, stream, head)) stream.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    endpoint,
    seen,
    received: (event) =>
      new Promise((resolve) => {
        waiting.set(event, [...(waiting.get(event) ?? []), resolve]);
      }),
    async kill() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const stream of streams) stream.resetAndDestroy();
      await closed;
    },
  };
}

/** An empty record. */
export function newSeen(): Seen {
  return { tokens: [], requests: [], joins: [], ends: [], acks: [] };
}

/** The host's socket against a server. */
export function client(url: string, options: Partial<SocketOptions> = {}): HostSocket {
  return createSocket({
    url,
    token: async () => 'good',
    userAgent: 'rig/test',
    signal: new AbortController().signal,
    ...options,
  });
}

/** What a promise was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<{ code: string; exitCode: number; message: string }> {
  try {
    await promise;
  } catch (thrown) {
    return thrown as { code: string; exitCode: number; message: string };
  }
  throw new Error('it did not fail');
}
