import { isAnyArrayBuffer } from 'node:util/types';

/** A message as the official client handles it. */
export interface WireMessage {
  join_ref: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
}

const PUSH = 0;
const REPLY = 1;
const BROADCAST = 2;

/**
 * Carries a payload past the official client, which replaces `null`, `0` and `''` by `{}` and sends a Buffer as JSON.
 */
export class Payload {
  /** Stands for a payload that could not be made: its message is not to be sent. */
  static readonly unsendable = new Payload(undefined);

  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** Writes a message: a payload of bytes, of whatever kind and realm, or of parts of them, as a binary frame, all else as JSON. */
export function encodeMessage(message: WireMessage): string | Buffer {
  const { join_ref, ref, topic, event } = message;
  const payload = message.payload instanceof Payload ? message.payload.value : message.payload;
  const parts = partsOf(payload);
  if (parts === undefined) return JSON.stringify([join_ref, ref, topic, event, payload === undefined ? {} : payload]);
  const fields = [join_ref ?? '', ref ?? '', topic, event].map((field) => Buffer.from(field));
  for (const field of fields) {
    if (field.length > 255) throw new RangeError('a topic or event of a binary message has more than 255 bytes');
  }
  return Buffer.concat([Buffer.from([PUSH, ...fields.map((field) => field.length)]), ...fields, ...parts]);
}

/** Reads a frame; throws where the server sent what is no message. */
export function decodeMessage(data: string | Buffer): WireMessage {
  if (typeof data !== 'string') return decodeBinary(data);
  const value: unknown = JSON.parse(data);
  if (!Array.isArray(value) || value.length < 5) throw new TypeError('not a message: five elements are expected');
  const [join_ref, ref, topic, event, payload] = value as [string | null, string | null, string, string, unknown];
  if (typeof topic !== 'string' || typeof event !== 'string') throw new TypeError('not a message: no topic or event');
  if (event === 'phx_reply' && (payload === null || typeof payload !== 'object')) throw new TypeError('not a reply');
  return { join_ref, ref, topic, event, payload };
}

function decodeBinary(data: Buffer): WireMessage {
  const count = { [PUSH]: 3, [REPLY]: 4, [BROADCAST]: 2 }[data[0] ?? -1];
  if (count === undefined || data.length < 1 + count) throw new TypeError('not a binary message');
  let at = 1 + count;
  const fields: string[] = [];
  for (const length of data.subarray(1, 1 + count)) {
    if (at + length > data.length) throw new RangeError('a length points past the end of a binary message');
    fields.push(data.toString('utf8', at, at + length));
    at += length;
  }
  const payload = data.subarray(at);
  const [first = '', second = '', third = '', fourth = ''] = fields;
  if (data[0] === PUSH) return { join_ref: first, ref: null, topic: second, event: third, payload };
  if (data[0] === BROADCAST) return { join_ref: null, ref: null, topic: first, event: second, payload };
  const reply = { status: fourth, response: payload };
  return { join_ref: first, ref: second, topic: third, event: 'phx_reply', payload: reply };
}

/** The parts of a payload of bytes, of whatever kind and realm, or of several of them; `undefined` for any other payload. */
export function partsOf(value: unknown): Uint8Array[] | undefined {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const parts: Uint8Array[] = [];
  for (const one of values) {
    const bytes = bytesOf(one);
    if (bytes === undefined) return undefined;
    parts.push(bytes);
  }
  return parts.length === 0 ? undefined : parts;
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return isAnyArrayBuffer(value) ? new Uint8Array(value) : undefined;
}
