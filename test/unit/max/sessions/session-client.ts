import { once } from 'node:events';
import {
  decodeSessionData,
  encodeSessionData,
  type SessionEnd,
  type SessionJoin,
  type SessionJoined,
} from '@rig/plugin-api/max';
import { WebSocket } from 'ws';

type Frame = [joinRef: string | null, ref: string | null, topic: string, event: string, payload: unknown];

/** What a client has of one stream. */
export interface Received {
  bytes: Buffer;
  eof: number | undefined;
}

/** A client of one session, which speaks the protocol by hand: what it got, and what it sent, outlive its connections. */
export class SessionClient {
  readonly topic: string;
  readonly stdout: Received = { bytes: Buffer.alloc(0), eof: undefined };
  readonly stderr: Received = { bytes: Buffer.alloc(0), eof: undefined };
  end: SessionEnd | undefined;
  joined: SessionJoined | undefined;
  refused: { reason: string; code?: string } | undefined;
  taken = false;
  /** How the channel was closed, where it was. */
  closed: string | undefined;
  /** Bytes of standard input that Max has told to be taken. */
  stdinTaken = 0;
  /** Acknowledge what comes in. */
  acknowledges = true;
  readonly #max: { port: number; token: string };
  #socket: WebSocket | undefined;
  #sent: Buffer = Buffer.alloc(0);
  #sentEof = false;
  #ref = 0;
  #watchers = new Set<() => void>();

  constructor(max: { port: number; token: string }, id: string) {
    this.#max = max;
    this.topic = `session:${id}`;
  }

  /** Connects, joins, and sends what Max has not got; gives itself. */
  async join(params: SessionJoin = {}): Promise<this> {
    const token = Buffer.from(this.#max.token).toString('base64url').replace(/=+$/, '');
    const url = `ws://127.0.0.1:${this.#max.port}/socket/websocket?vsn=2.0.0`;
    const socket = new WebSocket(url, ['phoenix', `base64url.bearer.phx.${token}`]);
    this.#socket = socket;
    this.closed = undefined;
    socket.on('message', (data: Buffer, isBinary) => {
      if (this.#socket === socket) this.#read(data, isBinary);
    });
    socket.on('error', () => {});
    await once(socket, 'open');
    this.joined = undefined;
    this.#send('phx_join', params);
    await this.until(() => this.joined !== undefined || this.refused !== undefined);
    const { stdin: from = 0 } = (this.joined ?? {}) as Partial<SessionJoined>;
    for (let at = from; at < this.#sent.length; at += 65_536) this.#sendData(at, this.#sent.subarray(at, at + 65_536));
    if (this.#sentEof && this.joined !== undefined) this.#send('eof', { stream: 'stdin', at: this.#sent.length });
    return this;
  }

  /** Comes back after a cut with what it has. */
  rejoin(): Promise<this> {
    return this.join({ received: { stdout: this.stdout.bytes.length, stderr: this.stderr.bytes.length } });
  }

  /** The connection is gone, as by a pulled plug. */
  cut(): void {
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  /** Leaves the channel, and closes. */
  leave(): void {
    this.#send('phx_leave', {});
    this.#socket?.close();
  }

  /** Sends standard input. */
  write(input: string | Buffer): void {
    const bytes = Buffer.from(input);
    const offset = this.#sent.length;
    this.#sent = Buffer.concat([this.#sent, bytes]);
    this.#sendData(offset, bytes);
  }

  /** Standard input has ended. */
  writeEnd(): void {
    this.#sentEof = true;
    this.#send('eof', { stream: 'stdin', at: this.#sent.length });
  }

  /** Sends an event as it is. */
  push(event: string, payload: unknown): void {
    this.#send(event, payload);
  }

  /** Sends a piece with whatever offset. */
  pushData(offset: number, bytes: Buffer): void {
    this.#sendData(offset, bytes);
  }

  /** What came out so far, as text. */
  get text(): string {
    return this.stdout.bytes.toString();
  }

  /** Resolves once it is so, looking at each message. */
  until(is: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!is()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Resolves once the text has come out. */
  untilText(wanted: string | RegExp): Promise<void> {
    return this.until(() => (typeof wanted === 'string' ? this.text.includes(wanted) : wanted.test(this.text)));
  }

  /** Waits for the end. */
  async untilEnd(): Promise<SessionEnd> {
    await this.until(() => this.end !== undefined);
    return this.end!;
  }

  /** Acknowledges all that has come. */
  acknowledge(): void {
    this.#send('ack', { stdout: this.stdout.bytes.length, stderr: this.stderr.bytes.length });
  }

  #read(data: Buffer, isBinary: boolean): void {
    if (isBinary) this.#readData(data);
    else this.#readFrame(JSON.parse(data.toString()) as Frame);
    for (const watcher of [...this.#watchers]) watcher();
  }

  #readFrame([, , topic, event, payload]: Frame): void {
    if (topic !== this.topic) return;
    if (event === 'phx_reply' && this.joined === undefined) {
      const { status, response } = payload as { status: string; response: never };
      if (status === 'ok') this.joined = response;
      else this.refused = response;
    } else if (event === 'eof') {
      const { stream, at } = payload as { stream: 'stdout' | 'stderr'; at: number };
      this[stream].eof = at;
    } else if (event === 'end') this.end = payload as SessionEnd;
    else if (event === 'ack') this.stdinTaken = (payload as { stdin: number }).stdin;
    else if (event === 'taken') this.taken = true;
    else if (event === 'phx_close' || event === 'phx_error') this.closed = event;
  }

  #readData(frame: Buffer): void {
    const lengths = [...frame.subarray(1, 4)];
    const data = decodeSessionData(frame.subarray(4 + lengths.reduce((sum, one) => sum + one, 0)))!;
    if (data.stream === 'stdin') throw new Error('Max sent standard input');
    const to = this[data.stream];
    if (data.offset !== to.bytes.length) throw new Error(`${data.stream}: ${data.offset} follows ${to.bytes.length}`);
    to.bytes = Buffer.concat([to.bytes, data.bytes]);
    if (this.acknowledges) this.acknowledge();
  }

  #send(event: string, payload: unknown): void {
    this.#ref += 1;
    this.#socket?.send(JSON.stringify(['1', String(this.#ref), this.topic, event, payload]));
  }

  #sendData(offset: number, bytes: Buffer): void {
    this.#ref += 1;
    const fields = ['1', String(this.#ref), this.topic, 'data'].map((field) => Buffer.from(field));
    const header = Buffer.from([0, ...fields.map(({ length }) => length)]);
    this.#socket?.send(Buffer.concat([header, ...fields, encodeSessionData({ stream: 'stdin', offset, bytes })]));
  }
}
