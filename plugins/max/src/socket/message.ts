/** One message of the channel protocol, as it is after decoding. Refs, topics and events are opaque JSON. */
export interface Message {
  joinRef: unknown;
  ref: unknown;
  topic: unknown;
  event: unknown;
  /** A JSON value, or a Buffer where the frame was binary. */
  payload: unknown;
}

/** The answer to one message. */
export interface ReplyMessage {
  joinRef: unknown;
  ref: unknown;
  topic: unknown;
  status: string;
  response: unknown;
}

/** What goes over the wire: a string is a text frame, a Buffer a binary one. */
export type Frame = string | Buffer;

/** Turns frames into messages and messages into frames, for one version of the protocol. */
export interface Serializer {
  readonly name: 'v1' | 'v2';
  /** Reads one frame; throws when it is not readable. */
  decode(data: Buffer, isBinary: boolean): Message;
  /** Writes a message that is addressed to one channel of one socket. */
  push(message: Message): Frame;
  /** Writes the answer to a message. */
  reply(reply: ReplyMessage): Frame;
  /** Writes a message for every subscriber of a topic: it carries no refs. */
  broadcast(topic: string, event: string, payload: unknown): Frame;
}

/** Says whether two refs are the same: they are opaque and compared strictly, so `1` is not `"1"`. */
export function sameRef(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return JSON.stringify(a) === JSON.stringify(b);
}
