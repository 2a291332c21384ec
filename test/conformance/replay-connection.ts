import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { canonical, type RecordedRequest } from './transcript.ts';

const patienceMs = 8000;
const fenceRef = 'fence';

/** A client that writes down all it sees. */
export class ReplayConnection {
  readonly #log: string[];
  readonly #socket: WebSocket;
  readonly #v1: boolean;
  #stream: Duplex | undefined;
  #status: number | undefined;
  #fenced = false;
  #pinged = false;
  #destroyed = false;
  #wake: () => void = () => {};

  private constructor(base: string, { path, protocols, headers }: RecordedRequest, log: string[]) {
    this.#log = log;
    this.#v1 = !/[?&]vsn=2/.test(path);
    this.#socket = new WebSocket(`ws://${base}${path}`, protocols, {
      headers,
      perMessageDeflate: path.startsWith('/socket_deflate'),
      handshakeTimeout: patienceMs,
    });
  }

  /** Connects; resolves when that succeeded or failed. */
  static async open(base: string, request: RecordedRequest, log: string[]): Promise<ReplayConnection> {
    const connection = new ReplayConnection(base, request, log);
    await connection.#listen();
    return connection;
  }

  /** Resolves when so many lines are written down; fails when that takes too long. */
  async recorded(lines: number): Promise<void> {
    await this.#until(() => this.#log.length >= lines || this.#socket.readyState === WebSocket.CLOSED);
  }

  send(data: string | Buffer): void {
    this.#socket.send(data, { binary: typeof data !== 'string' });
  }

  /** Sends a part of a text message. */
  sendFragment(text: string, isLast: boolean): void {
    this.#socket.send(text, { fin: isLast });
  }

  sendRaw(bytes: Buffer): void {
    this.#stream?.write(bytes);
  }

  ping(data: Buffer): void {
    this.#socket.ping(data);
  }

  close(code: number | undefined, reason: string | undefined): void {
    if (code === undefined) this.#socket.close();
    else this.#socket.close(code, reason);
  }

  /** Cuts the connection. */
  drop(): void {
    this.#socket.terminate();
  }

  /** Waits until what was sent has reached the server, whether it has been handled or not. */
  async reached(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#pinged = true;
    this.#socket.ping(fenceRef);
    await this.#until(() => !this.#pinged || this.#socket.readyState !== WebSocket.OPEN);
  }

  /** Waits until the server has answered everything that it had to answer by now. */
  async fence(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(
      JSON.stringify(
        this.#v1
          ? { topic: 'phoenix', event: 'heartbeat', payload: {}, ref: fenceRef }
          : [null, fenceRef, 'phoenix', 'heartbeat', {}],
      ),
    );
    await this.#until(() => this.#fenced);
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.terminate();
    await closed;
  }

  async #until(done: () => boolean): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!done()) {
      const left = deadline - Date.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #write(line: string): void {
    if (this.#destroyed) return;
    this.#log.push(line);
    this.#wake();
  }

  #listen(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      socket.on('upgrade', (response: IncomingMessage) => {
        this.#stream = response.socket;
        this.#write(`http ${response.statusCode} `);
      });
      socket.on('open', () => {
        const { _receiver: receiver } = socket as unknown as { _receiver: NodeJS.EventEmitter };
        // The close frame itself: the close event alone would not tell it from a close of our own.
        receiver.on('conclude', (code: number, reason: Buffer) => this.#write(`close ${code} ${reason}`));
        resolve();
      });
      socket.on('unexpected-response', (_request, response: IncomingMessage) => {
        this.#status = response.statusCode;
        void readBody(response).then((body) => {
          this.#write(`http ${response.statusCode} ${body}`);
          resolve();
          socket.terminate();
        });
      });
      socket.on('error', (failure) => {
        if (this.#status === undefined) this.#write(`error ${failure.message}`);
        resolve();
      });
      socket.on('message', (data: Buffer, isBinary) => this.#message(data, isBinary));
      socket.on('pong', (data) => {
        if (data.toString() !== fenceRef) return this.#write(`pong ${data.toString('hex')}`);
        this.#pinged = false;
        this.#wake();
      });
      socket.on('close', (code, reason) => this.#write(`closed ${code} ${reason}`));
    });
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.#write(`binary ${data.toString('hex')}`);
      return;
    }
    const text = data.toString('utf8');
    if (text.includes(`"${fenceRef}"`)) {
      this.#fenced = true;
      this.#wake();
    } else {
      this.#write(`text ${canonical(text)}`);
    }
  }
}

/** Makes one plain request and writes the answer down. */
export function requestOnce(base: string, recorded: RecordedRequest, log: string[]): Promise<void> {
  const { method, path, headers, body } = recorded;
  return new Promise((resolve, reject) => {
    const request = httpRequest(`http://${base}${path}`, { method, headers, agent: false });
    request.on('response', (response) => {
      void readBody(response).then((text) => {
        log.push(`http ${response.statusCode} ${text}`);
        resolve();
      });
    });
    request.on('upgrade', (response, stream) => {
      log.push(`http ${response.statusCode} `);
      stream.destroy();
      resolve();
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return body;
}
