import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket } from 'ws';
import { Endpoint, type EndpointProblem, type MountOptions } from '../../../../../plugins/max/src/socket/index.ts';

/** A server with one mount at `/socket`. */
export interface Mounted {
  readonly endpoint: Endpoint;
  readonly problems: EndpointProblem[];
  connect(headers?: Record<string, string>): Promise<WireClient>;
  close(): Promise<void>;
}

/** Mounts channels on a server of their own. */
export async function mounted(
  options: Partial<MountOptions<undefined>> & Pick<MountOptions<undefined>, 'channels'>,
): Promise<Mounted> {
  const problems: EndpointProblem[] = [];
  const endpoint = new Endpoint({ onProblem: (problem) => problems.push(problem), stopTimeoutMs: 2000 });
  endpoint.mount<undefined>('/socket', { connect: () => ({ id: 'me', assigns: undefined }), ...options });
  const server = createServer();
  const streams = new Set<Socket>();
  server.on('connection', (stream) => streams.add(stream));
  server.on('upgrade', (request, stream, head) => {
    if (!endpoint.handleUpgrade(request, stream, head)) stream.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/socket/websocket?vsn=2.0.0`;
  return {
    endpoint,
    problems,
    connect: (headers = {}) => WireClient.open(url, headers),
    async close() {
      for (const stream of streams) stream.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A client that sees the bare frames. */
export class WireClient {
  readonly ws: WebSocket;
  readonly closed: Promise<number>;
  readonly #frames: unknown[] = [];
  #wake: () => void = () => {};

  private constructor(url: string, headers: Record<string, string>) {
    this.ws = new WebSocket(url, { headers });
    this.closed = new Promise((resolve) => this.ws.once('close', resolve));
    this.ws.on('message', (data: Buffer, isBinary) => {
      this.#frames.push(isBinary ? data : JSON.parse(data.toString()));
      this.#wake();
    });
  }

  static async open(url: string, headers: Record<string, string>): Promise<WireClient> {
    const client = new WireClient(url, headers);
    await new Promise((resolve, reject) => {
      client.ws.once('open', resolve);
      client.ws.once('error', reject);
    });
    return client;
  }

  send(frame: unknown): void {
    this.ws.send(JSON.stringify(frame));
  }

  /** The next frame. */
  async frame(): Promise<unknown> {
    while (this.#frames.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#frames.shift();
  }

  /** Sends and takes the next frame. */
  ask(frame: unknown): Promise<unknown> {
    this.send(frame);
    return this.frame();
  }
}
