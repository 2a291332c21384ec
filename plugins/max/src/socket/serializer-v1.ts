import { parseJson } from './json.ts';
import type { Frame, Message, ReplyMessage, Serializer } from './message.ts';

/** The first version of the protocol: JSON objects without a join_ref, and no binary frames. */
export const serializerV1: Serializer = {
  name: 'v1',
  decode(data: Buffer, isBinary: boolean): Message {
    if (isBinary) throw new TypeError('the first version of the protocol has no binary frames');
    const value = parseJson(data.toString('utf8'));
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new TypeError('not a JSON object');
    const fields = value as Record<string, unknown>;
    for (const field of ['topic', 'event', 'payload', 'ref']) {
      if (!Object.hasOwn(fields, field)) throw new TypeError(`the field ${field} is missing`);
    }
    const { join_ref: joinRef = null, ref, topic, event, payload } = fields;
    return { joinRef, ref, topic, event, payload };
  },
  push({ ref, topic, event, payload }: Message): Frame {
    return encode(topic, event, ref, payload);
  },
  reply({ ref, topic, status, response }: ReplyMessage): Frame {
    refuseBinary(response);
    return encode(topic, 'phx_reply', ref, { response, status });
  },
  broadcast(topic: string, event: string, payload: unknown): Frame {
    return encode(topic, event, null, payload);
  },
};

function encode(topic: unknown, event: unknown, ref: unknown, payload: unknown): string {
  refuseBinary(payload);
  return JSON.stringify({ event, payload, ref, topic });
}

function refuseBinary(payload: unknown): void {
  if (payload instanceof Uint8Array) throw new TypeError('the first version of the protocol carries no binary payload');
}
