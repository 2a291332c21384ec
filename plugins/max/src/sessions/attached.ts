import {
  type SessionAck,
  type SessionData,
  type SessionEnd,
  type SessionEof,
  sessionDataParts,
  type TerminalSize,
} from '@rig/plugin-api/max';
import type { InStream } from './in-stream.ts';
import type { OutStreams } from './out-streams.ts';
import type { Attachment, SessionClient } from './session-entry.ts';
import type { SessionTarget } from './target.ts';

/** What is taken need not be told for each key at once: nobody waits for it but a sender whose window is full. */
const ACK_AFTER_MS = 20;
/** What a client may have on its way before it is told: less than a window, as a client may keep to less than Max allows. */
const ACK_AFTER_BYTES = 256 * 1024;

/** What a joined client works on. */
export interface AttachedTo {
  in: InStream;
  out: OutStreams;
  target: SessionTarget;
  window: number;
  /** Something was sent: the session is not idle. */
  touch(): void;
  /** How the session has ended, where it has. */
  end(): SessionEnd | undefined;
  /** The client is gone: at its wish, or with its connection. */
  left(atWish: boolean): void;
}

/** The client that is joined to a session: sends it what comes out, and takes what it sends. */
export class Attached implements Attachment {
  readonly #client: SessionClient;
  readonly #to: AttachedTo;
  #begun = false;
  #over = false;
  #waiting = false;
  #isDue = false;
  #acked: number;
  #ackTimer: NodeJS.Timeout | undefined;
  #toldEnd = false;

  constructor(client: SessionClient, to: AttachedTo) {
    this.#client = client;
    this.#to = to;
    this.#acked = to.in.taken;
  }

  /** Whether it was told how the session has ended. */
  get toldEnd(): boolean {
    return this.#toldEnd;
  }

  begin(): void {
    this.#begun = true;
    this.pump();
  }

  data({ stream, offset, bytes }: SessionData): 'gap' | 'overrun' | undefined {
    if (this.#over || stream !== 'stdin') return undefined;
    this.#to.touch();
    return this.#to.in.accept(offset, bytes as Buffer);
  }

  ack({ stdout, stderr }: SessionAck): void {
    if (!this.#over) this.#to.out.acknowledge({ stdout, stderr });
  }

  eof({ stream, at }: SessionEof): void {
    if (!this.#over && stream === 'stdin') this.#to.in.finish(at);
  }

  resize(size: TerminalSize): void {
    if (!this.#over) this.#to.target.resize?.(size);
  }

  signal(name: NodeJS.Signals): void {
    if (!this.#over) this.#to.target.signal?.(name);
  }

  /** Another client has the session now. */
  taken(): void {
    if (this.#over) return;
    this.#close();
    this.#client.push('taken', {});
  }

  leave(atWish: boolean): void {
    if (this.#over) return;
    this.#close();
    this.#to.left(atWish);
  }

  /** Sends what there is as soon as all that can be read now was read: many pieces become one message. */
  pumpSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.pump();
    });
  }

  /** Sends what there is, as far as the connection takes it. */
  pump(): void {
    if (!this.#begun || this.#over || this.#waiting) return;
    const { out } = this.#to;
    for (;;) {
      if (!this.#client.hasRoom()) {
        this.#waiting = true;
        this.#client.whenRoom(() => {
          this.#waiting = false;
          this.pump();
        });
        return;
      }
      const next = out.take();
      if (next === undefined) break;
      if ('bytes' in next) this.#client.push('data', sessionDataParts(next, next.bytes));
      else this.#client.push('eof', next);
    }
    const end = this.#to.end();
    if (end === undefined || this.#toldEnd) return;
    this.#toldEnd = true;
    this.#client.push('end', end);
  }

  /** Tells the client soon what was taken; at once where it may be waiting for room. */
  ackSoon(): void {
    if (this.#over) return;
    if (this.#to.in.taken - this.#acked >= Math.min(this.#to.window / 4, ACK_AFTER_BYTES)) this.#sendAck();
    else this.#ackTimer ??= setTimeout(() => this.#sendAck(), ACK_AFTER_MS);
  }

  #sendAck(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    const { taken } = this.#to.in;
    if (this.#over || !this.#begun || taken === this.#acked) return;
    this.#acked = taken;
    this.#client.push('ack', { stdin: taken } satisfies SessionAck);
  }

  #close(): void {
    this.#over = true;
    clearTimeout(this.#ackTimer);
  }
}
