import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Serializer } from '../../plugins/max/src/socket/message.ts';
import { wholeOf } from '../conformance/elided.ts';
import type { Transcript } from '../conformance/transcript.ts';
import type { ChaosRandom } from '../support/chaos-random.ts';
import { type Frame, mutateFrame } from './mutate.ts';

const folder = new URL('../conformance/transcripts/', import.meta.url);
const BATCH = 1000;
const LONGEST = 100_000;
/** Events whose number is a count or a time: a great one would make the channel itself busy, which is its right. */
const OBEYED = /push_n|push_on_join|reply_then_push|crash_in|delayed|blocking|slow:/;
const GREAT = /\d{4}|\d\.?[eE]|\d\.\d{3}/;

/** Every message that a client of the transcripts sent, once each, but for those of megabytes. */
export function recordedFrames(): Frame[] {
  const frames = new Map<string, Frame>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
    const { events } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Transcript;
    for (const event of events) {
      if (event.dir !== 'client' || (event.type !== 'text' && event.type !== 'binary')) continue;
      const data = wholeOf(event);
      if (data.length > LONGEST) continue;
      frames.set(event.type + data, event.type === 'text' ? data : Buffer.from(data, 'hex'));
    }
  }
  return [...frames.values()];
}

const ref = fc.oneof(fc.constantFrom('1', '2', '3', null, ''), fc.jsonValue({ maxDepth: 1 }));
const topic = fc.oneof(
  fc.constantFrom('echo:1', 'echo:2', 'exact', 'room:1', 'bin:1', 'pres:1', 'deny:1', 'phoenix', 'none', '__proto__'),
  fc.string({ unit: 'binary', maxLength: 300 }),
);
const event = fc.oneof(
  fc.constantFrom('phx_join', 'phx_join', 'phx_leave', 'heartbeat', 'phx_close', 'phx_error', 'phx_reply', 'crash'),
  fc.constantFrom('stop', 'stop_reply', 'err', 'shout', 'shout_from', 'intercepted', 'bad_broadcast', 'whoami'),
  fc.constantFrom('echo', 'push', 'bcast', 'want_binary', 'long_event', 'update', 'reply_twice', 'weird_status'),
  fc.string({ maxLength: 20 }),
);
const payload = fc.oneof(
  fc.constantFrom({}, { crash: true }, { reply: null }, { echo_join: true }, { hex: 'zz' }, { hex: '00ff' }),
  fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
);
const message = fc.tuple(ref, ref, topic, event, payload);
const text = fc.oneof(
  { weight: 6, arbitrary: message.map((fields) => JSON.stringify(fields)) },
  {
    weight: 2,
    arbitrary: message.map(([joinRef, own, on, what, body]) =>
      JSON.stringify({ topic: on, event: what, payload: body, ref: own, join_ref: joinRef }),
    ),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const header = fc.string({ unit: 'grapheme', maxLength: 40 });
const binary = fc.oneof(
  fc.tuple(header, header, topic, event, fc.uint8Array({ maxLength: 200 })).map(([joinRef, own, on, what, data]) => {
    const parts = [joinRef, own, on, what].map((part) => Buffer.from(part).subarray(0, 255));
    return Buffer.concat([Buffer.from([0, ...parts.map(({ length }) => length)]), ...parts, data]);
  }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const generated: fc.Arbitrary<Frame> = fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: binary });

/** Frames without end: recorded ones, the same damaged, and generated ones, all by one seed. */
export function* hostileFrames(random: ChaosRandom): Generator<Frame, never> {
  const recorded = recordedFrames();
  for (;;) {
    const made = fc.sample(generated, { seed: random.between(0, 2 ** 31 - 1), numRuns: BATCH });
    for (const one of made) {
      const base = random.pick(recorded);
      for (const frame of [
        one,
        base,
        mutateFrame(base, random, random.pick(recorded)),
        mutateFrame(one, random, base),
      ]) {
        if (isBearable(frame)) yield frame;
      }
    }
  }
}

/** The next frame for a socket; of those that end it only some, so that it lives to see others. */
export function nextFrame(frames: Iterator<Frame, never>, serializer: Serializer, random: ChaosRandom): Frame {
  for (;;) {
    const frame = frames.next().value;
    if (random.next() < 0.02) return frame;
    try {
      serializer.decode(Buffer.from(frame), typeof frame !== 'string');
      return frame;
    } catch {}
  }
}

function isBearable(frame: Frame): boolean {
  if (frame.length > LONGEST) return false;
  const written = typeof frame === 'string' ? frame : frame.toString('latin1');
  return !(OBEYED.test(written) && GREAT.test(written));
}
