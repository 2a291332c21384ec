import type { ChaosRandom } from '../support/chaos-random.ts';

/** A WebSocket message. */
export type Frame = string | Buffer;

type Mutation = (bytes: Buffer, random: ChaosRandom, other: Buffer) => Buffer;

const INTERESTING = [
  '"',
  '[',
  ']',
  '{',
  '}',
  ',',
  '\\',
  '\\u0000',
  '\\ud800',
  'null',
  '1e999',
  '-0',
  '__proto__',
  '\0',
];

const flip: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes);
  const at = random.between(0, copy.length - 1);
  copy[at] = (copy[at] as number) ^ (1 << random.between(0, 7));
  return copy;
};
const overwrite: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes);
  copy[random.between(0, copy.length - 1)] = random.pick([0, 1, 2, 0x22, 0x7f, 0x80, 0xfe, 0xff]);
  return copy;
};
const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.between(0, bytes.length));
const remove: Mutation = (bytes, random) => {
  const from = random.between(0, bytes.length);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random.between(1, 8))]);
};
const repeat: Mutation = (bytes, random) => {
  const from = random.between(0, bytes.length);
  const part = bytes.subarray(from, from + random.between(1, 16));
  return Buffer.concat([bytes.subarray(0, from), ...Array.from({ length: random.between(2, 20) }, () => part)]);
};
const insert: Mutation = (bytes, random) => {
  const at = random.between(0, bytes.length);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(INTERESTING)), bytes.subarray(at)]);
};
const splice: Mutation = (bytes, random, other) =>
  Buffer.concat([
    bytes.subarray(0, random.between(0, bytes.length)),
    other.subarray(random.between(0, other.length), other.length),
  ]);

const MUTATIONS: readonly Mutation[] = [flip, flip, overwrite, truncate, remove, repeat, insert, insert, splice];

/** Damages bytes in one to three ways; `other` is what they may be spliced with. */
export function mutateBytes(bytes: Buffer, random: ChaosRandom, other: Buffer): Buffer {
  let damaged = bytes;
  for (let times = random.between(1, 3); times > 0 && damaged.length > 0; times -= 1) {
    damaged = random.pick(MUTATIONS)(damaged, random, other);
  }
  return damaged;
}

/** Damages a message; now and then text is sent as bytes, or bytes as text. */
export function mutateFrame(frame: Frame, random: ChaosRandom, other: Frame): Frame {
  const damaged = mutateBytes(Buffer.from(frame), random, Buffer.from(other));
  const asText = random.next() < 0.03 ? typeof frame !== 'string' : typeof frame === 'string';
  return asText ? damaged.toString('utf8') : damaged;
}
