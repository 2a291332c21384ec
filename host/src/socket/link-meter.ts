import type { SocketHealth } from '@rig/plugin-api';
import { answerLate, noConnection } from './errors.ts';
import type { WireMessage } from './wire.ts';

/** Milliseconds for an answer to a ping. */
const pingMs = 5000;

interface Ping {
  readonly resolve: (ms: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Measures a connection by what goes through it: bytes, and the time that heartbeats take there and back. */
export class LinkMeter {
  readonly #server: string;
  /** When each heartbeat went out that is not answered yet. */
  readonly #heartbeats = new Map<string, number>();
  readonly #pings = new Map<string, Ping>();
  #openSince: string | undefined;
  #opened = 0;
  #rtt: number | undefined;
  #smoothed: number | undefined;
  #heardAt: number | undefined;
  #sentBytes = 0;
  #receivedBytes = 0;
  /** Bytes of the frame that is handled at present. */
  frameBytes = 0;

  constructor(server: string) {
    this.#server = server;
  }

  /** What is known of the connection alone. */
  figures(): Omit<SocketHealth, 'state' | 'channels' | 'unread' | 'waitingPushes'> {
    return {
      openSince: this.#openSince,
      reconnects: Math.max(0, this.#opened - 1),
      rttMs: this.#rtt,
      smoothedRttMs: this.#smoothed,
      silentMs: this.#heardAt === undefined ? undefined : performance.now() - this.#heardAt,
      sentBytes: this.#sentBytes,
      receivedBytes: this.#receivedBytes,
    };
  }

  opened(): void {
    this.#openSince = new Date().toISOString();
    this.#opened += 1;
  }

  /** The connection is gone, and with it every answer that was to come. */
  closed(): void {
    this.#openSince = undefined;
    this.#heartbeats.clear();
    for (const { reject } of [...this.#pings.values()]) reject(noConnection(this.#server));
    this.#pings.clear();
  }

  sent(message: WireMessage, frame: string | Buffer): void {
    this.#sentBytes += Buffer.byteLength(frame);
    if (message.topic === 'phoenix' && message.ref !== null) this.#heartbeats.set(message.ref, performance.now());
  }

  /** To be called before the message of the frame is handled. */
  received(message: WireMessage, frame: string | Buffer): void {
    this.frameBytes = Buffer.byteLength(frame);
    this.#receivedBytes += this.frameBytes;
    this.#heardAt = performance.now();
    if (message.topic !== 'phoenix' || message.ref === null) return;
    const sentAt = this.#heartbeats.get(message.ref);
    if (sentAt === undefined) return;
    this.#heartbeats.delete(message.ref);
    const ms = this.#heardAt - sentAt;
    this.#rtt = ms;
    this.#smoothed = this.#smoothed === undefined ? ms : this.#smoothed + (ms - this.#smoothed) / 8;
    this.#pings.get(message.ref)?.resolve(ms);
  }

  /** Waits for the answer to a heartbeat that `send` sends now. */
  ping(ref: string, send: () => void, timeout = pingMs): Promise<number> {
    return new Promise((resolve, reject) => {
      const settle =
        <A>(then: (value: A) => void) =>
        (value: A): void => {
          clearTimeout(timer);
          this.#pings.delete(ref);
          then(value);
        };
      const ping = { resolve: settle(resolve), reject: settle(reject) };
      const timer = setTimeout(() => ping.reject(answerLate(this.#server, 'a sign of life', timeout)), timeout);
      this.#pings.set(ref, ping);
      send();
    });
  }
}
