import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { ChannelSocket } from './channel-socket.ts';
import type { ConnectInfo, MountOptions, SocketHost } from './contract.ts';
import { cacheControl } from './handshake.ts';
import type { Serializer } from './message.ts';
import { PeerSocket } from './peer-socket.ts';
import { TopicRouter } from './topic-router.ts';

const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const wellFormedKey = /^[+/0-9A-Za-z]{22}==$/;
const megabytes = 1_000_000;

/** One path that serves sockets: upgrades their connections and starts their channels. */
export class Mount<Assigns> {
  readonly options: MountOptions<Assigns>;
  readonly #server: WebSocketServer;
  readonly #router: TopicRouter<(typeof this.options.channels)[number][1]>;
  readonly #protocols = new WeakMap<IncomingMessage, string>();
  readonly #oddKeys = new WeakMap<IncomingMessage, string>();

  constructor(options: MountOptions<Assigns>) {
    this.options = options;
    this.#router = new TopicRouter(options.channels);
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      WebSocket: PeerSocket,
      maxPayload: Math.max(options.maxMessageBytes ?? 8 * megabytes, options.maxFrameBytes ?? 0),
      perMessageDeflate: options.compress === true,
      handleProtocols: (_offered, request) => this.#protocols.get(request) ?? false,
    });
    this.#server.on('headers', (headers, request) => {
      headers.push(`cache-control: ${cacheControl}`);
      const key = this.#oddKeys.get(request);
      if (key === undefined) return;
      const at = headers.findIndex((line) => line.startsWith('Sec-WebSocket-Accept:'));
      headers[at] = `Sec-WebSocket-Accept: ${createHash('sha1')
        .update(key + acceptGuid)
        .digest('base64')}`;
    });
  }

  /** Upgrades a connection whose handshake went well. */
  open(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    accepted: { info: ConnectInfo<Assigns>; serializer: Serializer; protocol: string | undefined },
    host: SocketHost,
    opened: (socket: ChannelSocket<Assigns>) => void,
  ): void {
    const { info, serializer, protocol } = accepted;
    if (protocol !== undefined) this.#protocols.set(request, protocol);
    this.#allowOddKey(request);
    this.#server.handleUpgrade(request, stream, head, (client) => {
      const peer = client as PeerSocket;
      const { maxFrameBytes = 8 * megabytes, idleTimeoutMs = 60_000, maxChannels = 100 } = this.options;
      const { maxBufferedBytes = 16 * 1024 * 1024, maxFramesPerSecond = Infinity } = this.options;
      peer.watch(stream, maxFrameBytes);
      const limits = { idleTimeoutMs, maxFramesPerSecond, maxChannels, maxBufferedBytes };
      opened(new ChannelSocket(peer, info, this.#router, serializer, limits, host));
    });
  }

  /** `ws` insists on a key of the usual length, the original does not. */
  #allowOddKey(request: IncomingMessage): void {
    const key = request.headers['sec-websocket-key'] ?? '';
    if (wellFormedKey.test(key)) return;
    this.#oddKeys.set(request, key);
    request.headers['sec-websocket-key'] = 'AAAAAAAAAAAAAAAAAAAAAA==';
  }
}
