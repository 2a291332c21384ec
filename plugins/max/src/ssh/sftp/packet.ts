/** Numbers of the SFTP protocol, version 3 (draft-ietf-secsh-filexfer-02). */
export const PACKET = {
  INIT: 1,
  VERSION: 2,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  LSTAT: 7,
  FSTAT: 8,
  SETSTAT: 9,
  FSETSTAT: 10,
  OPENDIR: 11,
  READDIR: 12,
  REMOVE: 13,
  MKDIR: 14,
  RMDIR: 15,
  REALPATH: 16,
  STAT: 17,
  RENAME: 18,
  READLINK: 19,
  SYMLINK: 20,
  STATUS: 101,
  HANDLE: 102,
  DATA: 103,
  NAME: 104,
  ATTRS: 105,
  EXTENDED: 200,
  EXTENDED_REPLY: 201,
} as const;

/** What a status packet says. */
export const STATUS = {
  OK: 0,
  EOF: 1,
  NO_SUCH_FILE: 2,
  PERMISSION_DENIED: 3,
  FAILURE: 4,
  BAD_MESSAGE: 5,
  OP_UNSUPPORTED: 8,
} as const;

/** A packet that says something else than its length, or ends too early. */
export class BadPacket extends Error {}

/** Reads the fields of a packet in their order. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** A byte. */
  byte(): number {
    return this.#take(1)[0] as number;
  }

  /** Four bytes. */
  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  /** Eight bytes: an offset or a size. */
  uint64(): bigint {
    return this.#take(8).readBigUInt64BE();
  }

  /** Bytes behind their length. */
  string(): Buffer {
    return this.#take(this.uint32());
  }

  /** A path or a name. */
  text(): string {
    const text = this.string().toString('utf8');
    if (text.includes('\0')) throw new BadPacket('a name has a zero byte in it');
    return text;
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new BadPacket('it ends too early');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}

/** Collects the fields of a packet. */
export class PacketWriter {
  readonly #parts: Buffer[] = [];

  constructor(type: number) {
    this.byte(type);
  }

  byte(value: number): this {
    this.#parts.push(Buffer.from([value]));
    return this;
  }

  uint32(value: number): this {
    const part = Buffer.allocUnsafe(4);
    part.writeUInt32BE(value >>> 0);
    this.#parts.push(part);
    return this;
  }

  uint64(value: bigint): this {
    const part = Buffer.allocUnsafe(8);
    part.writeBigUInt64BE(BigInt.asUintN(64, value));
    this.#parts.push(part);
    return this;
  }

  string(value: string | Buffer): this {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.uint32(bytes.length);
    this.#parts.push(bytes);
    return this;
  }

  /** The whole packet, behind its length. */
  end(): Buffer {
    const length = Buffer.allocUnsafe(4);
    const body = Buffer.concat([length, ...this.#parts]);
    body.writeUInt32BE(body.length - 4);
    return body;
  }
}

/** Cuts a stream of bytes into packets, each without its length. @throws BadPacket where one is longer than `most` */
export async function* packetsOf(source: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let held = 0;
  let wanted = 4;
  for await (const piece of source) {
    parts.push(piece);
    held += piece.length;
    if (held < wanted) continue;
    let bytes = parts.length === 1 ? piece : Buffer.concat(parts);
    for (;;) {
      wanted = 4;
      if (bytes.length < 4) break;
      const length = bytes.readUInt32BE();
      if (length === 0 || length > most) throw new BadPacket(`a packet of ${length} bytes`);
      wanted = 4 + length;
      if (bytes.length < wanted) break;
      yield bytes.subarray(4, wanted);
      bytes = bytes.subarray(wanted);
    }
    parts = bytes.length === 0 ? [] : [bytes];
    held = bytes.length;
  }
}
