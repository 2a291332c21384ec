import { WebSocket } from 'ws';
import { ChannelProcess, type ProcessHost } from './channel-process.ts';
import type { ChannelFactory, ConnectInfo, SocketHost, SocketLimits, Subscriber } from './contract.ts';
import { Intake } from './intake.ts';
import { type Frame, type Message, type Serializer, sameRef } from './message.ts';
import type { PeerSocket } from './peer-socket.ts';
import { ReadBrake } from './read-brake.ts';
import { error, ok, type Reply } from './result.ts';
import { SocketMailbox } from './socket-mailbox.ts';
import type { TopicRouter } from './topic-router.ts';
import { WriteGauge } from './write-gauge.ts';

interface Joined<Assigns> {
  readonly process: ChannelProcess<Assigns>;
  /** As the client sent it, which may be null. */
  readonly joinRef: unknown;
}

/** One connected client: its channels, and the line of messages in and out. */
export class ChannelSocket<Assigns = unknown> {
  /** The name under which {@link Endpoint.disconnect} finds it. */
  readonly id: string | undefined;
  /** What `connect` put aside for the channels. */
  readonly assigns: Assigns;
  readonly serializer: Serializer;
  readonly #peer: PeerSocket;
  readonly #router: TopicRouter<ChannelFactory<Assigns>>;
  readonly #host: SocketHost;
  readonly #limits: SocketLimits;
  readonly #gauge: WriteGauge;
  readonly #brake: ReadBrake;
  readonly #intake: Intake;
  readonly #mailbox = new SocketMailbox();
  readonly #channels = new Map<string, Joined<Assigns>>();
  readonly #processHost: ProcessHost;
  #joining: ChannelProcess<Assigns> | undefined;
  #heldBytes = 0;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    peer: PeerSocket,
    info: ConnectInfo<Assigns>,
    router: TopicRouter<ChannelFactory<Assigns>>,
    serializer: Serializer,
    limits: SocketLimits,
    host: SocketHost,
  ) {
    this.id = info.id;
    this.assigns = info.assigns;
    this.serializer = serializer;
    this.#peer = peer;
    this.#router = router;
    this.#limits = limits;
    this.#host = host;
    this.#gauge = new WriteGauge(peer);
    this.#brake = new ReadBrake(peer, limits.maxFramesPerSecond);
    this.#intake = new Intake(this.#brake);
    this.#processHost = this.#makeProcessHost();
    peer.on('message', (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    peer.on('close', () => this.#shut());
    // `ws` closes the connection after an error by itself; the close event is all we need.
    peer.on('error', () => {});
    peer.onFrames = (count) => this.#brake.count(count);
    peer.onPeerClose = (answer) => this.#mailbox.enter(answer);
    this.#watchIdle(limits.idleTimeoutMs);
  }

  /** How many channels are joined. */
  get channelCount(): number {
    return this.#channels.size;
  }

  /** Bytes that wait to be written to this client. */
  get bufferedAmount(): number {
    return this.#peer.bufferedAmount + this.#heldBytes;
  }

  /** Resolves once at most `bytes` wait to be written; rejects when the connection or `signal` ends first. */
  drained(bytes = 65_536, signal?: AbortSignal): Promise<void> {
    return this.#gauge.drained(bytes, signal);
  }

  /** Sends a frame that is ready; the endpoint's broadcasts come this way. */
  send(frame: Frame): void {
    if (this.#closed) return;
    const bytes = typeof frame === 'string' ? frame.length : frame.byteLength;
    this.#heldBytes += bytes;
    this.#mailbox.enter(() => {
      this.#heldBytes -= bytes;
      this.#write(frame);
    });
    this.#cutSlowClient();
  }

  /** Closes the connection and ends its channels. */
  close(code: number): void {
    this.#peer.end(code);
    this.#shut();
  }

  /** Cuts the connection where a close was not answered. */
  terminate(): void {
    this.#peer.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#peer.ending) return;
    const handled = this.#intake.enter(data.length);
    this.#mailbox.enterExclusively(() => {
      const work = this.#read(data, isBinary);
      if (work !== undefined) return work.finally(handled);
      handled();
    });
  }

  #read(data: Buffer, isBinary: boolean): undefined | Promise<void> {
    let message: Message;
    try {
      message = this.serializer.decode(data, isBinary);
    } catch {
      // As in the original, where an unreadable frame ends the socket's process.
      this.close(1011);
      return;
    }
    return this.#handle(message, data.length);
  }

  #handle(message: Message, bytes: number): undefined | Promise<void> {
    const { topic, event } = message;
    if (topic === 'phoenix' && event === 'heartbeat') return this.#answer({ ...message, joinRef: null }, ok());
    const joined = typeof topic === 'string' ? this.#channels.get(topic) : undefined;
    if (event === 'phx_join') return this.#join(message, joined);
    if (joined === undefined) {
      if (event === 'phx_leave') return this.#answer(message, ok());
      return this.#answer({ ...message, joinRef: null }, error({ reason: 'unmatched topic' }));
    }
    const { joinRef } = message;
    if (joinRef !== null && joinRef !== undefined && !sameRef(joinRef, joined.joinRef)) return;
    joined.process.deliver(message, this.#intake.enter(bytes));
  }

  #join(message: Message, old: Joined<Assigns> | undefined): undefined | Promise<void> {
    const factory = this.#router.match(message.topic);
    if (factory === undefined) {
      return this.#answer({ ...message, joinRef: null }, error({ reason: 'unmatched topic' }));
    }
    if (old === undefined && this.#channels.size >= this.#limits.maxChannels) {
      return this.#answer(message, error({ reason: 'too many channels', limit: this.#limits.maxChannels }));
    }
    if (old !== undefined) {
      this.#forget(old.process);
      old.process.kill('duplicate');
    }
    const process = this.#spawn(factory, message);
    if (process === undefined) {
      this.#joined(message, undefined, error({ reason: 'join crashed' }), old);
      return;
    }
    this.#joining = process;
    const answer = process.join(message.payload);
    if (answer instanceof Promise) return answer.then((settled) => this.#joined(message, process, settled, old));
    this.#joined(message, process, answer, old);
  }

  #spawn(factory: ChannelFactory<Assigns>, message: Message): ChannelProcess<Assigns> | undefined {
    try {
      return new ChannelProcess(this, this.#processHost, factory(this), message);
    } catch (cause) {
      this.#host.report(cause, message.topic as string, 'join');
      return undefined;
    }
  }

  #joined(
    message: Message,
    process: ChannelProcess<Assigns> | undefined,
    answer: Reply,
    old: Joined<Assigns> | undefined,
  ): void {
    this.#joining = undefined;
    if (this.#closed) return;
    const accepted = this.#answerJoin(message, answer) && answer.status === 'ok';
    if (old !== undefined) this.#announceEnd(old, 'phx_close');
    if (process === undefined) return;
    if (!accepted) {
      process.discard();
      return;
    }
    this.#channels.set(process.topic, { process, joinRef: message.joinRef ?? null });
    this.#host.subscribe(process.topic, process, this);
    this.#mailbox.afterwards(() => process.open());
  }

  /** Writes an answer that belongs to the present entry. */
  #answer({ joinRef, ref, topic }: Message, { status, response }: Reply): undefined {
    this.#write(this.serializer.reply({ joinRef, ref, topic, status, response }));
  }

  /** Writes the answer of a channel's `join`; one that cannot be encoded becomes `join crashed`. */
  #answerJoin(message: Message, answer: Reply): boolean {
    try {
      this.#answer(message, answer);
      return true;
    } catch (cause) {
      this.#host.report(cause, String(message.topic), 'join');
      this.#answer(message, error({ reason: 'join crashed' }));
      return false;
    }
  }

  #announceEnd({ process, joinRef }: Joined<Assigns>, event: 'phx_close' | 'phx_error'): void {
    const payload = event === 'phx_error' ? { reason: 'channel_crash' } : {};
    this.#write(this.serializer.push({ joinRef, ref: joinRef, topic: process.topic, event, payload }));
  }

  #forget(process: Subscriber & { readonly topic: string }): Joined<Assigns> | undefined {
    const joined = this.#channels.get(process.topic);
    if (joined?.process !== process) return undefined;
    this.#channels.delete(process.topic);
    this.#host.unsubscribe(process.topic, process);
    return joined;
  }

  #write(frame: Frame): void {
    if (this.#peer.readyState !== WebSocket.OPEN) return;
    this.#peer.send(frame, this.#gauge.written);
    this.#cutSlowClient();
  }

  #cutSlowClient(): void {
    const waiting = this.bufferedAmount;
    if (this.#closed || waiting <= this.#limits.maxBufferedBytes) return;
    this.#host.report(new RangeError(`cut off a slow client: ${waiting} bytes waited for it`), undefined, 'send');
    // No close frame: it would wait behind everything that the client does not read.
    this.#peer.terminate();
    this.#shut();
  }

  #shut(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#mailbox.close();
    this.#gauge.close();
    this.#brake.close();
    const processes = [...this.#channels.values()].map(({ process }) => process);
    if (this.#joining !== undefined) processes.push(this.#joining);
    for (const process of processes) {
      this.#forget(process);
      process.kill('closed');
    }
  }

  #watchIdle(ms: number): void {
    this.#idle = setTimeout(() => {
      const left = this.#peer.heardAt + this.#limits.idleTimeoutMs - Date.now();
      if (left <= 0 && this.#joining === undefined && !this.#brake.isHeld) this.close(1002);
      else this.#watchIdle(Math.max(left, 1000));
    }, ms);
    this.#idle.unref();
  }

  #makeProcessHost(): ProcessHost {
    return {
      sendPush: (message) => this.send(this.serializer.push(message)),
      sendReply: (joinRef, ref, topic, { status, response }) =>
        this.send(this.serializer.reply({ joinRef, ref, topic, status, response })),
      processEnded: (process, event) => {
        const joined = this.#forget(process);
        if (joined !== undefined) this.#mailbox.enter(() => this.#announceEnd(joined, event));
      },
      schedule: (work) => this.#mailbox.schedule(work),
      broadcast: (topic, event, payload, from) => this.#host.broadcast(topic, event, payload, from),
      report: (cause, topic, during) => this.#host.report(cause, topic, during),
      track: (work) => this.#host.track(work),
    };
  }
}
