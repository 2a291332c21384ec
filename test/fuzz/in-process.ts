import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ChannelSocket } from '../../plugins/max/src/socket/channel-socket.ts';
import type { SocketHost } from '../../plugins/max/src/socket/contract.ts';
import type { PeerSocket } from '../../plugins/max/src/socket/peer-socket.ts';
import { serializerV1 } from '../../plugins/max/src/socket/serializer-v1.ts';
import { serializerV2 } from '../../plugins/max/src/socket/serializer-v2.ts';
import { TopicRouter } from '../../plugins/max/src/socket/topic-router.ts';
import { TopicSubscribers } from '../../plugins/max/src/socket/topic-subscribers.ts';
import { type ReferenceAssigns, referenceChannels } from '../conformance/reference-channels.ts';
import { ChaosRandom } from '../support/chaos-random.ts';
import { hostileFrames, nextFrame } from './frames.ts';
import { heapAfterGc } from './heap.ts';
import type { Frame } from './mutate.ts';
import { mustBeAskedFor } from './problems.ts';

/** What a run met. */
export interface FuzzReport {
  frames: number;
  sockets: number;
  /** How often a socket was closed by each code. */
  codes: Record<string, number>;
  /** Frames that were sent back. */
  answers: number;
  /** MiB in use after a collection, before and after. */
  heapBefore: number;
  heapAfter: number;
}

const FENCE = 'fence';
const LANES = 32;
const LIMITS = {
  idleTimeoutMs: 60_000,
  maxFramesPerSecond: Infinity,
  maxChannels: 100,
  maxBufferedBytes: 16 * 1024 * 1024,
};

/** A connection without a network: it checks whatever is sent, and forgets it. */
class FakePeer extends EventEmitter {
  readyState: number = WebSocket.OPEN;
  readonly bufferedAmount = 0;
  readonly heardAt = Date.now();
  onPeerClose: unknown;
  onFrames: unknown;
  isPaused = false;
  code: number | undefined;
  answers = 0;

  get ending(): boolean {
    return this.readyState !== WebSocket.OPEN;
  }

  send(frame: Frame): void {
    this.answers += 1;
    if (typeof frame !== 'string') {
      if (frame.length < 3 || (frame[0] as number) > 2)
        throw new Error(`an answer that is none: ${frame.toString('hex')}`);
      return;
    }
    const value = JSON.parse(frame) as unknown;
    if (Array.isArray(value) ? value.length !== 5 : !Object.hasOwn(value as object, 'topic')) {
      throw new Error(`an answer that is none: ${frame}`);
    }
    if (frame.includes(`"${FENCE}"`)) this.emit(FENCE);
  }

  end(code: number): void {
    this.code ??= code;
    this.readyState = WebSocket.CLOSED;
    this.emit(FENCE);
  }

  terminate(): void {
    this.end(1006);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.emit('resumed');
  }
}

/** Sends hostile frames through the serializers and the channel layer; throws at the first wrong thing. Measuring memory takes time. */
export async function fuzzInProcess(count: number, seed: number, measures = true): Promise<FuzzReport> {
  const random = new ChaosRandom(seed);
  const frames = hostileFrames(random);
  const subscribers = new TopicSubscribers();
  let problem: unknown;
  const host: SocketHost = {
    subscribe: (topic, subscriber, receiver) => subscribers.add(topic, subscriber, receiver),
    unsubscribe: (topic, subscriber) => subscribers.remove(topic, subscriber),
    broadcast: (topic, event, payload, from) => subscribers.broadcast(topic, event, payload, from),
    report: (cause, topic, during) => {
      try {
        mustBeAskedFor({ cause, topic, during });
      } catch (thrown) {
        problem ??= thrown;
      }
    },
    track: () => {},
  };
  const endpoint = {
    broadcast: (topic: string, event: string, body: unknown) => host.broadcast(topic, event, body, undefined),
  };
  const router = new TopicRouter(referenceChannels(endpoint));
  const report: FuzzReport = { frames: 0, sockets: 0, codes: {}, answers: 0, heapBefore: 0, heapAfter: 0 };

  const lane = async (until: number, own: ChaosRandom): Promise<void> => {
    while (report.frames < until) {
      const v1 = own.next() < 0.15;
      const peer = new FakePeer();
      const info = { id: 'me', assigns: { user: own.pick(['ann', 'bob']) } };
      const serializer = v1 ? serializerV1 : serializerV2;
      const socket = new ChannelSocket<ReferenceAssigns>(
        peer as unknown as PeerSocket,
        info,
        router,
        serializer,
        LIMITS,
        host,
      );
      report.sockets += 1;
      for (const topic of ['echo:1', 'room:1', 'bin:1', 'pres:1']) give(peer, joinOf(topic, v1));
      for (let left = own.between(1, 200); left > 0 && report.frames < until && !peer.ending; left -= 1) {
        if (peer.isPaused) await once(peer, 'resumed');
        give(peer, nextFrame(frames, serializer, own));
        report.frames += 1;
        if (problem !== undefined) throw problem;
      }
      await fence(peer, v1);
      if (own.next() < 0.5) socket.close(1001);
      else peer.emit('close');
      const code = String(peer.code ?? 'left');
      report.codes[code] = (report.codes[code] ?? 0) + 1;
      report.answers += peer.answers;
      if (!['left', '1001', '1011'].includes(code)) throw new Error(`a socket was closed by ${code}`);
    }
  };
  const lanes = (until: number) => Promise.all(Array.from({ length: LANES }, (_, i) => lane(until, random.fork(i))));

  if (measures) {
    await lanes(Math.ceil(count / 20));
    await settled();
    report.heapBefore = await heapAfterGc();
  }
  await lanes(count);
  if (measures) {
    await settled();
    report.heapAfter = await heapAfterGc();
  }
  if (problem !== undefined) throw problem;
  return report;
}

function give(peer: FakePeer, frame: Frame): void {
  peer.emit('message', Buffer.from(frame), typeof frame !== 'string');
}

function joinOf(topic: string, v1: boolean): string {
  return JSON.stringify(v1 ? { topic, event: 'phx_join', payload: {}, ref: '1' } : ['1', '1', topic, 'phx_join', {}]);
}

/** Asks for a sign of life: whatever was sent before, the socket must answer or be closed. */
async function fence(peer: FakePeer, v1: boolean): Promise<void> {
  if (peer.ending) return;
  const answered = once(peer, FENCE, { signal: AbortSignal.timeout(30_000) });
  const beat = { topic: 'phoenix', event: 'heartbeat', payload: {}, ref: FENCE };
  give(peer, JSON.stringify(v1 ? beat : [null, FENCE, 'phoenix', 'heartbeat', {}]));
  await answered.catch((cause: unknown) => {
    throw new Error('a socket fell silent', { cause });
  });
}

/** The longest timer that a reference channel starts by itself: a slow join. */
function settled(): Promise<void> {
  return sleep(2200);
}
