const OPCODE_CLOSE = 8;

/** Follows the frames of a WebSocket in one direction (RFC 6455, 5.2), without a look at what they hold. */
export class Frames {
  #head = Buffer.alloc(0);
  #left = 0;
  #closed = false;

  /** Takes the next bytes of the stream. */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      const skipped = Math.min(this.#left, bytes.length - at);
      this.#left -= skipped;
      at += skipped;
      if (at === bytes.length) return;
      this.#head = Buffer.concat([this.#head, bytes.subarray(at, at + 1)]);
      at += 1;
      const size = headSize(this.#head);
      if (this.#head.length < size) continue;
      if ((this.#head[0]! & 15) === OPCODE_CLOSE) this.#closed = true;
      this.#left = payloadSize(this.#head);
      this.#head = Buffer.alloc(0);
    }
  }

  /** Whether a frame may be put in here: between two frames, and before the one that closes. */
  get open(): boolean {
    return !this.#closed && this.#left === 0 && this.#head.length === 0;
  }
}

/** How many bytes the head of a frame has, as far as is known. */
function headSize(head: Buffer): number {
  if (head.length < 2) return 2;
  const length = head[1]! & 127;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (head[1]! & 128 ? 4 : 0);
}

function payloadSize(head: Buffer): number {
  const length = head[1]! & 127;
  if (length === 126) return head.readUInt16BE(2);
  return length === 127 ? Number(head.readBigUInt64BE(2)) : length;
}

/** A frame from server to client that closes the connection with a code. */
export function closeFrame(code: number): Buffer {
  const frame = Buffer.from([0x80 | OPCODE_CLOSE, 2, 0, 0]);
  frame.writeUInt16BE(code, 2);
  return frame;
}
