import type { Agent } from 'node:http';
import { WebSocket } from 'ws';
import type { ConnectFailure } from './errors.ts';
import type { OpenTransport, OpenTransports } from './open-transports.ts';

/** What a transport needs. */
export interface TransportOptions {
  /** Asked for each connection anew. */
  token(): Promise<string>;
  agent(url: string): Agent;
  readonly userAgent: string;
  /** A connection did not come about. */
  onFailure(failure: ConnectFailure): void;
  /** An open connection is gone: closed by the other end with a code, or given up here. */
  onLost(code: number | undefined): void;
  /** Something of what was sent has gone out. */
  onWritten(): void;
  /** An exception in a callback of the official client. */
  onFault(error: unknown): void;
}

type TransportClass = new (url: string) => object;

const bearerPrefix = 'base64url.bearer.phx.';
const closeGraceMs = 1000;
const handshakeMs = 10_000;
const refusalBytes = 16_384;

/**
 * Makes the transport that the official client is given. It has the face of a browser's WebSocket, as far as that
 * client looks at it, but it asks for a token before each connection, remembers why a server refused, and is closed
 * for the client as soon as the client closes it.
 */
export function createTransportClass(options: TransportOptions, open: OpenTransports): TransportClass {
  return class MaxTransport implements OpenTransport {
    binaryType = 'arraybuffer';
    timeout = 0;
    readyState: number = WebSocket.CONNECTING;
    onopen: () => void = () => {};
    onerror: (error: unknown) => void = () => {};
    onmessage: (event: { data: string | Buffer }) => void = () => {};
    onclose: (event: { code: number; reason: string; wasClean: boolean }) => void = () => {};
    readonly gone: Promise<void>;
    #ws: WebSocket | undefined;
    #left: () => void = () => {};

    constructor(url: string) {
      this.gone = new Promise((resolve) => {
        this.#left = () => {
          open.delete(this);
          resolve();
        };
      });
      open.add(this);
      void this.#open(url);
    }

    get bufferedAmount(): number {
      return this.readyState === WebSocket.OPEN ? (this.#ws?.bufferedAmount ?? 0) : 0;
    }

    send(data: string | Buffer): void {
      if (this.readyState !== WebSocket.OPEN) return;
      this.#ws?.send(data, { binary: typeof data !== 'string' }, (error) => {
        // With an error the connection is going: what waits is not for it.
        if (error === undefined || error === null) this.#call(() => options.onWritten());
      });
    }

    close(code = 1000): void {
      if (this.readyState === WebSocket.CLOSED) return;
      const wasOpen = this.readyState === WebSocket.OPEN;
      this.readyState = WebSocket.CLOSED;
      if (wasOpen) this.#call(() => options.onLost(undefined));
      const ws = this.#ws;
      if (ws === undefined) {
        this.#left();
      } else if (ws.readyState === WebSocket.CONNECTING) {
        ws.terminate();
      } else {
        ws.close(code);
        setTimeout(() => ws.terminate(), closeGraceMs).unref();
      }
      // Not at once: the client is still in the midst of its own closing.
      queueMicrotask(() => this.#call(() => this.onclose({ code, reason: '', wasClean: true })));
    }

    cut(): void {
      if (this.#ws === undefined) this.#left();
      else this.#ws.terminate();
    }

    async #open(url: string): Promise<void> {
      let token: string;
      try {
        token = await options.token();
      } catch (error) {
        this.#fail({ kind: 'token', error });
        return;
      }
      if (this.readyState === WebSocket.CLOSED) return;
      try {
        this.#listen(url, token);
      } catch (error) {
        this.#fail({ kind: 'network', error });
      }
    }

    #listen(url: string, token: string): void {
      // In the alphabet for URLs: a slash of the other one may not stand in a subprotocol.
      const bearer = bearerPrefix + Buffer.from(token).toString('base64url');
      const ws = new WebSocket(url, ['phoenix', bearer], {
        agent: options.agent(url),
        headers: { 'user-agent': options.userAgent },
        handshakeTimeout: handshakeMs,
        perMessageDeflate: false,
        maxPayload: 64 * 1024 * 1024,
      });
      this.#ws = ws;
      ws.on('open', () => {
        this.readyState = WebSocket.OPEN;
        this.#call(() => this.onopen());
      });
      ws.on('message', (data: Buffer, isBinary) => {
        if (this.readyState !== WebSocket.OPEN) return;
        this.#call(() => this.onmessage({ data: isBinary ? data : data.toString('utf8') }));
      });
      ws.on('unexpected-response', (_request, response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
          if (body.length > refusalBytes) response.destroy();
        });
        response.on('error', () => {});
        response.on('close', () => {
          this.#fail({ kind: 'refused', status: response.statusCode ?? 0, body, token });
          ws.terminate();
        });
      });
      ws.on('error', (error) => {
        if (this.readyState === WebSocket.CONNECTING) this.#fail({ kind: 'network', error: named(error) });
      });
      ws.on('close', (code, reason) => {
        this.#left();
        if (this.readyState !== WebSocket.OPEN) return;
        this.readyState = WebSocket.CLOSED;
        this.#call(() => options.onLost(code));
        this.#call(() => this.onclose({ code, reason: reason.toString(), wasClean: code !== 1006 }));
      });
    }

    #fail(failure: ConnectFailure): void {
      if (this.#ws === undefined || this.#ws.readyState === WebSocket.CLOSED) this.#left();
      if (this.readyState === WebSocket.CLOSED) return;
      this.readyState = WebSocket.CLOSED;
      this.#call(() => options.onFailure(failure));
      this.#call(() => this.onerror(failure));
      this.#call(() => this.onclose({ code: 1006, reason: '', wasClean: false }));
    }

    #call(callback: () => void): void {
      try {
        callback();
      } catch (error) {
        options.onFault(error);
      }
    }
  };
}

/** The one error of `ws` that comes without a code but has a well-known meaning. */
function named(error: Error): Error {
  return error.message === 'Opening handshake has timed out' ? Object.assign(error, { code: 'ETIMEDOUT' }) : error;
}
