import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { MountOptions, SocketHost } from './contract.ts';
import { cacheControl, type HttpAnswer, shakeHands } from './handshake.ts';
import { Mount } from './mount.ts';
import { TopicSubscribers } from './topic-subscribers.ts';

/** What went wrong in a channel or a connect, for the server's log. */
export interface EndpointProblem {
  readonly cause: unknown;
  readonly topic: string | undefined;
  /** `connect`, `join`, `handler`, `terminate` or `send`. */
  readonly during: string;
}

/** Settings of an endpoint. */
export interface EndpointOptions {
  /** Told of every exception in channel code; the clients see no more than that something crashed. */
  onProblem?(problem: EndpointProblem): void;
  /** How long {@link Endpoint.stop} waits for clients and channels; 3,000 unless said. */
  readonly stopTimeoutMs?: number;
}

/** A socket, as far as the endpoint goes. */
interface OpenSocket {
  readonly id: string | undefined;
  readonly channelCount: number;
  close(code: number): void;
  terminate(): void;
}

/** All sockets of a server, on one or more paths, and the broadcasts between them. */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #mounts = new Map<string, Mount<never>>();
  readonly #subscribers = new TopicSubscribers();
  readonly #sockets = new Set<OpenSocket>();
  readonly #work = new Set<Promise<void>>();
  readonly #host: SocketHost;
  #stopping = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: EndpointOptions = {}) {
    this.#options = options;
    this.#host = {
      subscribe: (topic, subscriber, receiver) => this.#subscribers.add(topic, subscriber, receiver),
      unsubscribe: (topic, subscriber) => this.#subscribers.remove(topic, subscriber),
      broadcast: (topic, event, payload, from) => this.#subscribers.broadcast(topic, event, payload, from),
      report: (cause, topic, during) => this.#options.onProblem?.({ cause, topic, during }),
      track: (work) => this.#track(work),
    };
  }

  /** How many sockets are connected. */
  get socketCount(): number {
    return this.#sockets.size;
  }

  /** Serves sockets at `path` + `/websocket`. */
  mount<Assigns>(path: string, options: MountOptions<Assigns>): void {
    this.#mounts.set(`${path}/websocket`, new Mount(options) as unknown as Mount<never>);
  }

  /** Takes an HTTP upgrade; false when its path is not served here. */
  handleUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): boolean {
    const found = this.#find(request);
    if (found === undefined) return false;
    stream.on('error', () => stream.destroy());
    void this.#open(found.mount, found.query, request, stream, head);
    return true;
  }

  /** Answers a plain request to a socket's path, which lacks the upgrade; false when its path is not served here. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const found = this.#find(request);
    if (found === undefined) return false;
    void this.#shake(found.mount, found.query, request).then((handshake) => {
      // A request that asks for no upgrade is refused in the end, whatever connect said.
      const answer = 'answer' in handshake ? handshake.answer : { status: 400, headers: {}, body: '' };
      response.writeHead(answer.status, headersOf(answer));
      response.end(answer.body);
    });
    return true;
  }

  /** Sends an event to everyone on a topic. Throws when the payload cannot be encoded. */
  broadcast(topic: string, event: string, payload: unknown): void {
    this.#subscribers.broadcast(topic, event, payload, undefined);
  }

  /** Closes every socket of that id, as for a user who was signed out; clients reconnect and are judged anew. */
  disconnect(id: string): void {
    for (const socket of [...this.#sockets]) if (socket.id === id) socket.close(1001);
  }

  /** Closes all sockets so that clients know to come back, waits for their channels to end, and takes no more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    for (const socket of [...this.#sockets]) socket.close(socket.channelCount > 0 ? 1012 : 1000);
    const ended = Promise.all([this.#sockets.size === 0 ? undefined : empty, ...this.#work]);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.stopTimeoutMs ?? 3000);
    });
    await Promise.race([ended, late]);
    clearTimeout(timer);
    for (const socket of this.#sockets) socket.terminate();
  }

  async #open(mount: Mount<never>, query: string, request: IncomingMessage, stream: Duplex, head: Buffer) {
    const handshake = await this.#shake(mount, query, request);
    if (stream.destroyed) return;
    if ('answer' in handshake) {
      answerRaw(stream, handshake.answer);
      return;
    }
    mount.open(request, stream, head, handshake, this.#host, (socket) => {
      this.#sockets.add(socket);
      stream.once('close', () => this.#gone(socket));
      if (this.#stopping) socket.close(1012);
    });
  }

  #shake(mount: Mount<never>, query: string, request: IncomingMessage) {
    if (this.#stopping) {
      const answer: HttpAnswer = { status: 503, headers: { 'retry-after': '1' }, body: '' };
      return Promise.resolve({ answer });
    }
    return shakeHands(request, query, mount.options, (cause) => this.#host.report(cause, undefined, 'connect'));
  }

  #gone(socket: OpenSocket): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size === 0) this.#whenEmpty?.();
  }

  #track(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }

  #find(request: IncomingMessage): { mount: Mount<never>; query: string } | undefined {
    const url = request.url ?? '';
    const mark = url.indexOf('?');
    const path = (mark === -1 ? url : url.slice(0, mark)).replace(/\/$/, '');
    const mount = this.#mounts.get(path);
    return mount && { mount, query: mark === -1 ? '' : url.slice(mark + 1) };
  }
}

function headersOf({ headers, body }: HttpAnswer): Record<string, string> {
  return { 'content-length': String(Buffer.byteLength(body)), 'cache-control': cacheControl, ...headers };
}

function answerRaw(stream: Duplex, answer: HttpAnswer): void {
  const lines = [`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`];
  for (const [name, value] of Object.entries(headersOf(answer))) lines.push(`${name}: ${value}`);
  lines.push('connection: close', '', answer.body);
  stream.end(lines.join('\r\n'));
}
