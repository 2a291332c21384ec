import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { serializerV1 } from '../../plugins/max/src/socket/serializer-v1.ts';
import { serializerV2 } from '../../plugins/max/src/socket/serializer-v2.ts';
import { startReferenceServer } from '../conformance/reference-server.ts';
import { ChaosRandom } from '../support/chaos-random.ts';
import { hostileFrames, nextFrame } from './frames.ts';
import { heapAfterGc } from './heap.ts';
import type { FuzzReport } from './in-process.ts';
import { type Frame, mutateBytes } from './mutate.ts';
import { mustBeAskedFor } from './problems.ts';

const CONNECTIONS = 16;
const PATIENCE_MS = 30_000;
/** The codes of the reference, 1000 its answer to a close; 1005 and 1006 where the client cut the connection. */
const CODES: readonly number[] = [1000, 1002, 1005, 1006, 1007, 1009, 1011];

/** Sends hostile frames, and hostile bytes between them, over real connections; throws at the first wrong thing. */
export async function fuzzOverSockets(count: number, seed: number, measures = true): Promise<FuzzReport> {
  const random = new ChaosRandom(seed);
  const frames = hostileFrames(random);
  let problem: unknown;
  const server = await startReferenceServer(0, (found) => {
    try {
      mustBeAskedFor(found);
    } catch (thrown) {
      problem ??= thrown;
    }
  });
  const report: FuzzReport = { frames: 0, sockets: 0, codes: {}, answers: 0, heapBefore: 0, heapAfter: 0 };
  const lane = async (until: number, own: ChaosRandom): Promise<void> => {
    while (report.frames < until) {
      const v1 = own.next() < 0.15;
      const query = v1 ? 'token=good' : 'vsn=2.0.0&token=good';
      const serializer = v1 ? serializerV1 : serializerV2;
      const path = own.pick(['/socket', '/socket', '/socket_small', '/socket_deflate']);
      const sent = Array.from({ length: own.between(1, 40) }, () => nextFrame(frames, serializer, own));
      report.frames += sent.length;
      report.sockets += 1;
      const { code, answers } = await converse(`ws://${server.base}${path}/websocket?${query}`, sent, own);
      report.codes[code] = (report.codes[code] ?? 0) + 1;
      report.answers += answers;
      if (!CODES.includes(code)) throw new Error(`a connection was closed by ${code}`);
      if (problem !== undefined) throw problem;
    }
  };
  const lanes = (until: number) =>
    Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => lane(until, random.fork(i))));
  const settled = async (): Promise<void> => {
    const begun = Date.now();
    while (server.endpoint.socketCount > 0) {
      if (Date.now() - begun > PATIENCE_MS) throw new Error(`${server.endpoint.socketCount} sockets never ended`);
      await sleep(50);
    }
    if (measures) await sleep(2200);
  };
  try {
    if (measures) {
      await lanes(Math.ceil(count / 10));
      await settled();
      report.heapBefore = await heapAfterGc();
    }
    await lanes(count);
    await settled();
    if (measures) report.heapAfter = await heapAfterGc();
    return report;
  } finally {
    await server.kill();
  }
}

/** One connection from its upgrade to its end. */
async function converse(url: string, frames: readonly Frame[], random: ChaosRandom) {
  const ws = new WebSocket(url, { perMessageDeflate: url.includes('deflate') });
  let stream: Socket | undefined;
  let answers = 0;
  ws.on('error', () => {});
  ws.on('message', () => {
    answers += 1;
  });
  ws.once('upgrade', (response) => {
    stream = response.socket;
  });
  const closed = new Promise<number>((resolve) => ws.once('close', resolve));
  await new Promise((resolve) => ws.once('open', resolve).once('close', resolve));
  ws.send(
    url.includes('vsn')
      ? '["1","1","echo:1","phx_join",{}]'
      : '{"topic":"echo:1","event":"phx_join","payload":{},"ref":"1"}',
  );
  for (const frame of frames) {
    if (ws.readyState !== WebSocket.OPEN) break;
    ws.send(frame, { binary: typeof frame !== 'string' });
    if (random.next() < 0.2) await new Promise(setImmediate);
  }
  if (ws.readyState === WebSocket.OPEN) {
    const end = random.next();
    if (end < 0.4) {
      const whole = masked(random.pick([0x81, 0x82, 0x89, 0x88]), Buffer.from(frames[0] ?? ''));
      stream?.write(mutateBytes(whole, random, randomBytes(32)));
    }
    if (end < 0.6) stream?.end();
    else if (end < 0.7) ws.terminate();
    else ws.close(1000);
  }
  const timer = setTimeout(() => ws.terminate(), PATIENCE_MS);
  const begun = Date.now();
  const code = await closed;
  clearTimeout(timer);
  if (Date.now() - begun >= PATIENCE_MS) throw new Error('the server left a connection open');
  return { code, answers };
}

/** A frame as a client sends it: masked, by a mask of zeros. */
function masked(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head =
    length < 126 ? Buffer.from([first, 0x80 | length]) : Buffer.from([first, 0xfe, length >> 8, length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
