import { parseJson } from './json.ts';
import type { Frame, Message, ReplyMessage, Serializer } from './message.ts';

const PUSH = 0;
const REPLY = 1;
const BROADCAST = 2;

/** The second version of the protocol: JSON arrays of five, and binary frames with length-prefixed headers. */
export const serializerV2: Serializer = {
  name: 'v2',
  decode(data: Buffer, isBinary: boolean): Message {
    return isBinary ? decodeBinary(data) : decodeText(data.toString('utf8'));
  },
  push({ joinRef, ref, topic, event, payload }: Message): Frame {
    if (payload instanceof Uint8Array) return encodeBinary(PUSH, [joinRef, topic, event], [payload]);
    if (isParts(payload)) return encodeBinary(PUSH, [joinRef, topic, event], payload);
    return JSON.stringify([joinRef, ref, topic, event, payload]);
  },
  reply({ joinRef, ref, topic, status, response }: ReplyMessage): Frame {
    if (response instanceof Uint8Array) return encodeBinary(REPLY, [joinRef, ref, topic, status], [response]);
    return JSON.stringify([joinRef, ref, topic, 'phx_reply', { response, status }]);
  },
  broadcast(topic: string, event: string, payload: unknown): Frame {
    if (payload instanceof Uint8Array) return encodeBinary(BROADCAST, [topic, event], [payload]);
    return JSON.stringify([null, null, topic, event, payload]);
  },
};

function decodeText(text: string): Message {
  const value = parseJson(text);
  if (!Array.isArray(value) || value.length < 5) throw new TypeError('not a JSON array of five');
  const [joinRef, ref, topic, event, payload] = value as unknown[];
  return { joinRef, ref, topic, event, payload };
}

function decodeBinary(data: Buffer): Message {
  const header = 5;
  if (data.length < header || data[0] !== PUSH) throw new TypeError('not a binary push');
  const lengths = data.subarray(1, header);
  let at = header;
  const fields: string[] = [];
  for (const length of lengths) {
    if (at + length > data.length) throw new RangeError('a length points past the end of the frame');
    fields.push(data.toString('utf8', at, at + length));
    at += length;
  }
  const [joinRef, ref, topic, event] = fields;
  // A binary header cannot say null: an empty join_ref is the absent one.
  return { joinRef: joinRef === '' ? null : joinRef, ref, topic, event, payload: data.subarray(at) };
}

/** Bytes in parts, which become one payload. */
function isParts(payload: unknown): payload is Uint8Array[] {
  return Array.isArray(payload) && payload.length > 0 && payload.every((part) => part instanceof Uint8Array);
}

function encodeBinary(kind: number, fields: unknown[], data: readonly Uint8Array[]): Buffer {
  const parts = fields.map(headerField);
  return Buffer.concat([Buffer.from([kind, ...parts.map((part) => part.length)]), ...parts, ...data]);
}

function headerField(value: unknown): Buffer {
  if (value !== null && typeof value === 'object') throw new TypeError('an object cannot stand in a binary header');
  const bytes = Buffer.from(value === null || value === undefined ? '' : String(value));
  if (bytes.length > 255) throw new RangeError(`a binary header field has ${bytes.length} bytes, 255 is the most`);
  return bytes;
}
