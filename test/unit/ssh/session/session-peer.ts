import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { RigError, type Services } from '@rig/plugin-api';
import {
  decodeSessionData,
  encodeSessionData,
  type Session,
  type SessionAck,
  type SessionEnd,
  type SessionEof,
  type SessionJoin,
} from '@rig/plugin-api/max';
import {
  Channel,
  Endpoint,
  error,
  type HandlerResult,
  ok,
  type Reply,
} from '../../../../plugins/max/src/socket/index.ts';
import { client } from '../../host/socket/serve-channels.ts';

type Output = 'stdout' | 'stderr';

/** The program's side of a session, and Max's: what one test makes it do. */
export class PeerSession {
  readonly window: number;
  /** Everything that the client wrote, each byte once. */
  stdin: Buffer[] = [];
  taken = 0;
  stdinEnd: number | undefined;
  joins: SessionJoin[] = [];
  acks: SessionAck[] = [];
  told: Array<[event: string, payload: unknown]> = [];
  /** A program that does not read its standard input is not acknowledged. */
  isReading = true;
  /** Stands for what Max refuses a join with. */
  refusal: object | undefined;
  end: SessionEnd | undefined;
  /** Called with what has come. */
  onStdin: (bytes: Buffer) => void = () => {};
  onChange: () => void = () => {};
  channel: PeerChannel | undefined;
  readonly #kept = { stdout: { base: 0, bytes: Buffer.alloc(0) }, stderr: { base: 0, bytes: Buffer.alloc(0) } };
  readonly #sent = { stdout: 0, stderr: 0 };

  constructor(window = 64 * 1024) {
    this.window = window;
  }

  get input(): Buffer {
    return Buffer.concat(this.stdin);
  }

  /** The program writes; how it is cut into messages is nobody's promise. */
  write(bytes: Buffer | string, stream: Output = 'stdout'): void {
    const kept = this.#kept[stream];
    kept.bytes = Buffer.concat([kept.bytes, Buffer.from(bytes)]);
    this.flush();
  }

  /** Forgets what nobody has acknowledged, as Max does with what is too much to keep. */
  forget(bytes: number, stream: Output = 'stdout'): void {
    this.#drop(stream, this.#kept[stream].base + bytes);
    this.#sent[stream] = Math.max(this.#sent[stream], this.#kept[stream].base);
  }

  closeStream(stream: Output): void {
    const { base, bytes } = this.#kept[stream];
    this.tell('eof', { stream, at: base + bytes.length } satisfies SessionEof);
  }

  tell(event: string, payload: unknown): void {
    this.channel?.tell(event, payload);
  }

  finish(end: Partial<SessionEnd> = {}): void {
    this.end = { reason: 'exited', code: 0, signal: null, durationMs: 1, ...end };
    this.tell('end', this.end);
  }

  joined(channel: PeerChannel, join: SessionJoin): Reply {
    this.joins.push(join);
    if (this.refusal !== undefined) return error(this.refusal);
    this.channel = channel;
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#drop(stream, join.received?.[stream] ?? 0);
      this.#sent[stream] = this.#kept[stream].base;
    }
    const from = { stdout: this.#kept.stdout.base, stderr: this.#kept.stderr.base };
    return ok({
      session: sessionOf(channel.topic),
      stdin: this.taken,
      from,
      window: this.window,
      idleSeconds: null,
      limitSeconds: null,
    });
  }

  receive(event: string, payload: unknown): void {
    const data = event === 'data' ? decodeSessionData(payload) : undefined;
    if (data !== undefined) this.#take(data.offset, data.bytes);
    else if (event === 'ack') this.#acknowledged(payload as SessionAck);
    else {
      if (event === 'eof') this.stdinEnd = (payload as SessionEof).at;
      this.told.push([event, payload]);
    }
    this.onChange();
  }

  flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const { base, bytes } = this.#kept[stream];
      const end = Math.min(base + bytes.length, base + this.window);
      while (this.channel !== undefined && this.#sent[stream] < end) {
        const offset = this.#sent[stream];
        const piece = bytes.subarray(offset - base, Math.min(offset - base + 10_000, end - base));
        this.#sent[stream] += piece.length;
        this.channel.tell('data', encodeSessionData({ stream, offset, bytes: piece }));
      }
    }
  }

  /** The program reads again. */
  read(): void {
    this.isReading = true;
    this.tell('ack', { stdin: this.taken } satisfies SessionAck);
  }

  #take(offset: number, bytes: Uint8Array): void {
    if (offset > this.taken) throw new Error(`a hole in what the client wrote: ${offset} after ${this.taken}`);
    const fresh = Buffer.from(bytes.subarray(this.taken - offset));
    if (fresh.length === 0) return;
    this.taken += fresh.length;
    this.stdin.push(fresh);
    if (this.isReading) this.tell('ack', { stdin: this.taken } satisfies SessionAck);
    this.onStdin(fresh);
  }

  #acknowledged(ack: SessionAck): void {
    this.acks.push(ack);
    if (ack.stdout !== undefined) this.#drop('stdout', ack.stdout);
    if (ack.stderr !== undefined) this.#drop('stderr', ack.stderr);
    this.flush();
  }

  #drop(stream: Output, to: number): void {
    const kept = this.#kept[stream];
    if (to <= kept.base) return;
    kept.bytes = kept.bytes.subarray(to - kept.base);
    kept.base = to;
  }
}

/** The channel of one join. */
class PeerChannel extends Channel<undefined> {
  readonly #session: (id: string) => PeerSession | undefined;

  constructor(session: (id: string) => PeerSession | undefined) {
    super();
    this.#session = session;
  }

  join(topic: string, payload: unknown): Reply {
    const session = this.#mine(topic);
    if (session === undefined) return error({ reason: 'not_found', ...notFound });
    const reply = session.joined(this, payload as SessionJoin);
    this.run(() => {
      session.flush();
      session.onChange();
    });
    return reply;
  }

  override handleIn(event: string, payload: unknown): HandlerResult {
    this.#mine(this.topic)?.receive(event, payload);
    return undefined;
  }

  override terminate(): void {
    const session = this.#mine(this.topic);
    if (session?.channel === this) session.channel = undefined;
    session?.onChange();
  }

  tell(event: string, payload: unknown): void {
    this.run(() => this.push(event, payload));
  }

  #mine(topic: string): PeerSession | undefined {
    return this.#session(topic.slice('session:'.length));
  }
}

const notFound = { status: 404, code: 'RIG_SESSION_NOT_FOUND', title: 'Not found', detail: 'there is no such session' };

/** Max's record of a session. */
export function sessionOf(topic: string, end: SessionEnd | null = null): Session {
  return {
    id: topic.replace('session:', ''),
    kind: 'shell',
    network: 'shop',
    app: 'api',
    instance: 'web.1',
    release: 1,
    argv: null,
    state: end === null ? 'running' : 'ended',
    detached: false,
    attached: true,
    user: 'owner',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: end === null ? null : '2026-01-01T00:00:01.000Z',
    end,
  };
}

/** Sessions that are served in this process, and a client of them. */
export interface ServedSessions {
  readonly port: number;
  readonly sessions: Map<string, PeerSession>;
  /** What rig lends to a plugin, as far as a session needs it; through another port where one is given. */
  services(port?: number): Pick<Services, 'http' | 'socket' | 'signal'>;
  close(): Promise<void>;
}

/** Serves sessions over a real socket; HTTP knows how those ended that are asked about. */
export async function serveSessions(): Promise<ServedSessions> {
  const sessions = new Map<string, PeerSession>();
  const endpoint = new Endpoint();
  endpoint.mount<undefined>('/socket', {
    connect: () => ({ id: 'all', assigns: undefined }),
    channels: [['session:*', () => new PeerChannel((id) => sessions.get(id))]],
  });
  const server = createServer();
  const streams = new Set<Socket>();
  server.on('connection', (stream) => {
    streams.add(stream);
    stream.once('close', () => streams.delete(stream));
  });
  server.on('upgrade', (request, stream, head) => endpoint.handleUpgrade(request, stream, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const disposals: Array<() => Promise<void>> = [];
  const http = {
    async get(path: string) {
      const id = path.slice('/v1/sessions/'.length);
      const session = sessions.get(id);
      if (session === undefined)
        throw new RigError({ code: 'RIG_SESSION_NOT_FOUND', message: 'no such session', exitCode: 3 });
      return sessionOf(id, session.end ?? null);
    },
  };
  return {
    port,
    sessions,
    services(through = port) {
      const socket = client(`http://127.0.0.1:${through}`);
      disposals.push(() => socket.dispose());
      return { signal: new AbortController().signal, socket: async () => socket, http: async () => http as never };
    },
    async close() {
      for (const dispose of disposals) await dispose();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const stream of streams) stream.destroy();
      await closed;
    },
  };
}

/** Waits until a session is as wanted. */
export async function until(session: PeerSession, isSo: () => boolean): Promise<void> {
  while (!isSo())
    await new Promise<void>((resolve) => {
      session.onChange = resolve;
    });
}
