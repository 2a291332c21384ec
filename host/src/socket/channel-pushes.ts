import type { PushOptions, SendOptions } from '@rig/plugin-api';
import { answerLate, offline, pushRefused } from './errors.ts';
import { partsOf } from './wire.ts';

/** A push that waits for the connection, for its answer, or for both. */
interface WaitingPush {
  readonly event: string;
  readonly payload: unknown;
  /** Without an answer to wait for there is nobody to tell. */
  readonly answer?: { resolve(response: unknown): void; reject(error: unknown): void };
  readonly bytes: number;
  /** It waits for room in the connection alone, not for another connection. */
  readonly isLossy?: boolean;
}

/** The answer that a push got. */
export interface PushAnswer {
  readonly status: string;
  readonly response: unknown;
}

/** The channel that the pushes are of. */
export interface PushingChannel {
  readonly server: string;
  readonly topic: string;
  isJoined(): boolean;
  /** Whether the connection is to be given nothing more now: its other end reads slowly. */
  isFull(): boolean;
  makeRef(): string;
  /** @throws what cannot be encoded */
  write(event: string, payload: unknown, ref: string | null): void;
}

const answerMs = 10_000;
/** What may wait for a connection, or for room in it, of one channel. */
const most = { pushes: 256, bytes: 1024 * 1024 };

/**
 * The pushes of one channel that were not sent or not answered yet. The official client keeps its own in a list that it
 * walks for every message, and lets them wait for their timeout when the connection is gone; so they are kept here.
 */
export class ChannelPushes {
  readonly #channel: PushingChannel;
  readonly #sent = new Map<string, WaitingPush>();
  #unsent: WaitingPush[] = [];
  #unsentBytes = 0;

  constructor(channel: PushingChannel) {
    this.#channel = channel;
  }

  /** How many wait for a connection. */
  get waiting(): number {
    return this.#unsent.length;
  }

  /** Sends now or after the next join, and settles with the answer or the reason why there is none. */
  push(event: string, payload: unknown, options: PushOptions): Promise<unknown> {
    const { server, topic } = this.#channel;
    return new Promise((resolve, reject) => {
      const ms = options.timeout ?? answerMs;
      const timer = setTimeout(() => {
        this.#drop(push);
        reject(answerLate(server, `${event} on ${topic}`, ms));
      }, ms);
      const settle =
        <A>(then: (value: A) => void) =>
        (value: A): void => {
          clearTimeout(timer);
          then(value);
        };
      const answer = { resolve: settle(resolve), reject: settle(reject) };
      const push: WaitingPush = { event, payload, answer, bytes: 0 };
      try {
        if (this.#hasRoom) this.#dispatch(push);
        else if (this.#channel.isJoined()) this.#postpone(push);
        else if (options.offline === 'fail') answer.reject(offline(topic, event, 'there is no connection to Max now'));
        else this.#postpone(push);
      } catch (error) {
        answer.reject(error);
      }
    });
  }

  /** Sends without waiting for an answer. @throws RigError `RIG_OFFLINE` where that was asked for */
  send(event: string, payload: unknown, options: SendOptions): void {
    const { topic } = this.#channel;
    const { offline: policy = 'drop' } = options;
    if (this.#hasRoom) this.#channel.write(event, payload, null);
    else if (policy === 'keep') this.#postpone({ event, payload, bytes: 0 });
    else if (this.#channel.isJoined()) this.#postponeOr(policy, { event, payload, bytes: 0, isLossy: true });
    else if (policy === 'fail') throw offline(topic, event, 'there is no connection to Max now');
  }

  /** Sends what has waited, in order, as far as there is room for it. */
  flush(): void {
    while (this.#unsent.length > 0 && this.#channel.isJoined() && !this.#channel.isFull()) {
      const push = this.#unsent.shift() as WaitingPush;
      this.#unsentBytes -= push.bytes;
      this.#dispatch(push);
    }
  }

  /** Settles the push that an answer belongs to. */
  answered(ref: string | null, { status, response }: PushAnswer): void {
    const push = this.#take(ref);
    if (status === 'ok') push?.answer?.resolve(response);
    else push?.answer?.reject(pushRefused(this.#channel.server, this.#channel.topic, push.event, response));
  }

  /** Rejects what went out: its answers will never come. */
  rejectSent(errorOf: (event: string) => unknown): void {
    const pushes = [...this.#sent.values()];
    this.#sent.clear();
    for (const { event, answer } of pushes) answer?.reject(errorOf(event));
  }

  /** The connection is lost: so are answers, and what was not to be kept for another one. */
  interrupted(errorOf: (event: string) => unknown): void {
    this.rejectSent(errorOf);
    this.#keep(({ isLossy }) => isLossy !== true);
  }

  /** Rejects everything. */
  rejectAll(error: unknown): void {
    this.rejectSent(() => error);
    this.#unsentBytes = 0;
    for (const { answer } of this.#unsent.splice(0)) answer?.reject(error);
  }

  /** Whether one more may go out now; behind those that wait it may not. */
  get #hasRoom(): boolean {
    return this.#channel.isJoined() && this.#unsent.length === 0 && !this.#channel.isFull();
  }

  #postponeOr(policy: 'drop' | 'fail', push: WaitingPush): void {
    try {
      this.#postpone(push);
    } catch (error) {
      if (policy === 'fail') throw error;
    }
  }

  #keep(isKept: (push: WaitingPush) => boolean): void {
    this.#unsent = this.#unsent.filter(isKept);
    this.#unsentBytes = this.#unsent.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #dispatch(push: WaitingPush): void {
    const { event, payload, answer } = push;
    const ref = answer === undefined ? null : this.#channel.makeRef();
    if (ref !== null) this.#sent.set(ref, push);
    try {
      this.#channel.write(event, payload, ref);
    } catch (error) {
      // What cannot be encoded is the caller's mistake, and theirs to hear of.
      this.#take(ref)?.answer?.reject(error);
    }
  }

  #postpone(push: WaitingPush): void {
    const bytes = sizeOf(push.payload);
    const { topic } = this.#channel;
    if (this.#unsent.length >= most.pushes || this.#unsentBytes + bytes > most.bytes)
      throw offline(topic, push.event, `${this.#unsent.length} pushes wait for the connection already`);
    this.#unsent.push({ ...push, bytes });
    this.#unsentBytes += bytes;
  }

  #take(ref: string | null): WaitingPush | undefined {
    if (ref === null) return undefined;
    const push = this.#sent.get(ref);
    this.#sent.delete(ref);
    return push;
  }

  /** Drops a push that gave up waiting. */
  #drop({ answer }: WaitingPush): void {
    this.#keep((other) => other.answer !== answer);
    for (const [ref, other] of this.#sent) if (other.answer === answer) this.#sent.delete(ref);
  }
}

function sizeOf(payload: unknown): number {
  const parts = partsOf(payload);
  if (parts === undefined) return Buffer.byteLength(JSON.stringify(payload) ?? '');
  return parts.reduce((sum, { length }) => sum + length, 0);
}
