import {
  type Channel,
  type ChannelEvent,
  isRigError,
  REJOINED_EVENT,
  type Services,
  type Socket,
} from '@rig/plugin-api';
import {
  decodeSessionData,
  type SessionAck,
  type SessionData,
  type SessionEnd,
  type SessionEof,
  type SessionJoin,
  type SessionJoined,
  sessionDataParts,
  type TerminalSize,
} from '@rig/plugin-api/max';
import { sessionGone, sessionLost, sessionTaken } from './errors.ts';
import { explainEnding } from './explain-ending.ts';
import { IncomingStream, type StreamHole } from './incoming-stream.ts';
import type { LinkState, SessionLink } from './link.ts';
import { Listeners } from './listeners.ts';
import { OutgoingStream } from './outgoing-stream.ts';
import { Patience } from './patience.ts';
import { sendSignal } from './send-signal.ts';

/** How a session is joined. */
export interface JoinSessionOptions {
  /** Size of the user's terminal, where there is one. */
  terminal?: TerminalSize;
  /** Milliseconds without a connection after which it is given up; a minute unless said, as long as Max waits. */
  patience?: number;
}

type LinkServices = Pick<Services, 'http' | 'socket' | 'signal'>;

/**
 * Joins a session: the connection may be cut and come back any number of times, and no byte is lost or doubled.
 *
 * @throws RigError what Max refuses the join with, `RIG_SESSION_NOT_FOUND` or `RIG_SESSION_ENDED` for example
 */
export async function joinSession(
  services: LinkServices,
  id: string,
  options: JoinSessionOptions = {},
): Promise<SessionLink> {
  const socket = await services.socket();
  const link = new JoinedSession(services, socket, options);
  await link.join(id);
  return link;
}

class JoinedSession implements SessionLink {
  readonly ended: Promise<SessionEnd>;
  readonly #services: LinkServices;
  readonly #socket: Socket;
  readonly #patience: Patience;
  readonly #states = new Listeners<LinkState>();
  readonly #holes = new Listeners<StreamHole>();
  #channel!: Channel<SessionJoined>;
  #stdin!: OutgoingStream;
  #output!: { stdout: IncomingStream; stderr: IncomingStream };
  #terminal: TerminalSize | undefined;
  /** What Max was told of the terminal. */
  #told: TerminalSize | undefined;
  /** Whether Max has said how far it has come, so that more may be sent. */
  #isLive = false;
  #isOver = false;
  #isJoined = false;
  #stopStates: () => void = () => {};
  #left: Promise<void> | undefined;
  #settle!: { resolve(end: SessionEnd): void; reject(error: unknown): void };

  constructor(services: LinkServices, socket: Socket, { terminal, patience }: JoinSessionOptions) {
    this.#services = services;
    this.#socket = socket;
    this.#patience = new Patience(patience);
    this.#terminal = terminal;
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // One that nobody waits for is no fault of rig's.
    this.ended.catch(() => {});
  }

  get joined(): SessionJoined {
    return this.#channel.joined;
  }

  get stdout(): AsyncIterable<Buffer> {
    return this.#output.stdout;
  }

  get stderr(): AsyncIterable<Buffer> {
    return this.#output.stderr;
  }

  get isWritable(): boolean {
    return this.#stdin.isOpen;
  }

  get isLost(): boolean {
    return this.#patience.isRunning;
  }

  async join(id: string): Promise<void> {
    this.#channel = await this.#socket.join<SessionJoined>(`session:${id}`, () => this.#params(), {
      patient: 'quiet',
      overflow: 'window',
      rejoins: true,
      signal: this.#services.signal,
    });
    const { window, stdin, from } = this.#channel.joined;
    this.#stdin = new OutgoingStream({
      window,
      from: stdin,
      send: ({ offset, bytes }) => this.#send('data', sessionDataParts({ stream: 'stdin', offset }, [bytes])),
      sendEnd: (at) => this.#send('eof', { stream: 'stdin', at } satisfies SessionEof),
    });
    this.#output = {
      stdout: new IncomingStream({ window, from: from.stdout, acknowledge: (stdout) => this.#ack({ stdout }) }),
      stderr: new IncomingStream({ window, from: from.stderr, acknowledge: (stderr) => this.#ack({ stderr }) }),
    };
    this.#isJoined = true;
    this.#isLive = true;
    this.#stopStates = this.#socket.onState(({ state, reason }) => {
      if (state === 'reconnecting') this.#interrupted(reason ?? 'the connection was lost');
    });
    void this.#follow();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#stdin.write(bytes);
  }

  end(): void {
    this.#stdin.end();
  }

  resize(size: TerminalSize): void {
    this.#terminal = size;
    if (this.#isLive) this.#tellSize();
  }

  signal(name: string): void {
    if (!this.#isOver) sendSignal(this.#channel, name);
  }

  onState(listener: (state: LinkState) => void): () => void {
    return this.#states.add(listener);
  }

  onHole(listener: (hole: StreamHole) => void): () => void {
    return this.#holes.add(listener);
  }

  async leave(): Promise<void> {
    this.#close();
    await this.#left;
  }

  /** Asked for each join: what is sent before its answer has come could be out of order. */
  #params(): SessionJoin {
    const terminal = this.#terminal === undefined ? {} : { terminal: this.#terminal };
    this.#told = this.#terminal;
    if (!this.#isJoined) return terminal;
    this.#interrupted('Max broke it off');
    const { stdout, stderr } = this.#output;
    return { received: { stdout: stdout.dealt, stderr: stderr.dealt }, ...terminal };
  }

  async #follow(): Promise<void> {
    try {
      for await (const { event, payload } of this.#channel.events()) {
        this.#received({ event, payload });
        if (this.#isOver) return;
      }
      await this.#explain(sessionGone(this.#channel.joined.session));
    } catch (error) {
      if (!this.#isOver) await this.#explain(error);
    }
  }

  #received({ event, payload }: ChannelEvent): void {
    switch (event) {
      case 'data':
        this.#take(decodeSessionData(payload));
        break;
      case 'ack': {
        const { stdin } = payload as SessionAck;
        if (stdin !== undefined) this.#stdin.acknowledged(stdin);
        break;
      }
      case 'eof':
        this.#streamEnded(payload as SessionEof);
        break;
      case 'end':
        this.#finish(payload as SessionEnd);
        break;
      case 'taken':
        this.#fail(sessionTaken(this.#channel.joined.session));
        break;
      case REJOINED_EVENT:
        this.#rejoined(payload as SessionJoined);
        break;
    }
  }

  #take(data: SessionData | undefined): void {
    if (data === undefined || data.stream === 'stdin') return;
    const { stream, offset, bytes } = data;
    this.#missing(stream, this.#output[stream].push(offset, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)));
  }

  #missing(stream: 'stdout' | 'stderr', hole: { from: number; to: number } | undefined): void {
    if (hole !== undefined) this.#holes.tell({ stream, ...hole });
  }

  #streamEnded({ stream, at }: SessionEof): void {
    if (stream === 'stdin') {
      this.#stdin.close();
      return;
    }
    this.#missing(stream, this.#output[stream].end(at));
  }

  #rejoined({ stdin, from }: SessionJoined): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#missing(stream, this.#output[stream].resume(from[stream]));
    }
    this.#isLive = true;
    if (!this.#stdin.resume(stdin)) {
      this.#fail(sessionTaken(this.#channel.joined.session));
      return;
    }
    if (this.#told !== this.#terminal) this.#tellSize();
    if (this.#patience.end()) this.#states.tell({ state: 'open' });
  }

  #interrupted(reason: string): void {
    this.#isLive = false;
    if (this.#isOver) return;
    const seconds = this.#patience.begin(() => {
      this.#fail(sessionLost(this.#channel.joined.session, this.#socket.state.reason ?? reason));
    });
    if (seconds !== undefined) this.#states.tell({ state: 'lost', reason, seconds });
  }

  /** Max refuses to let it come back, or has closed the channel: it may have ended meanwhile, and says how. */
  async #explain(error: unknown): Promise<void> {
    const ending = await explainEnding(this.#services, this.#channel.joined.session, error);
    if ('end' in ending) this.#finish(ending.end);
    else this.#fail(ending.error);
  }

  #finish(end: SessionEnd): void {
    if (this.#close()) this.#settle.resolve(end);
  }

  #fail(error: unknown): void {
    if (this.#close()) this.#settle.reject(error);
  }

  /** Says whether it was open. */
  #close(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#isLive = false;
    this.#stopStates();
    this.#patience.end();
    this.#stdin.close();
    this.#output.stdout.end();
    this.#output.stderr.end();
    this.#left = this.#channel.leave().catch(() => {});
    return true;
  }

  #tellSize(): void {
    this.#told = this.#terminal;
    if (this.#terminal !== undefined) this.#send('resize', this.#terminal);
  }

  #ack(ack: SessionAck): void {
    if (this.#isLive) this.#channel.send('ack', ack);
  }

  #send(event: string, payload: unknown): void {
    if (!this.#isLive) return;
    try {
      this.#channel.send(event, payload, { offline: 'fail' });
    } catch (error) {
      // The connection has just gone: it is sent when Max has said how far it has come.
      if (!isRigError(error) || error.code !== 'RIG_OFFLINE') throw error;
      this.#isLive = false;
    }
  }
}
