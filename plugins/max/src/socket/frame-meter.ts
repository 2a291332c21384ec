const CLOSE = 8;

/** What the meter saw in a stretch of bytes. */
export interface FrameSighting {
  /** A frame, header included, that is larger than allowed. */
  oversized: boolean;
  /** A close frame began. */
  close: boolean;
  /** How many frames began, fragments and pings included. */
  frames: number;
}

/**
 * Follows the WebSocket frames in a byte stream by their headers alone, because the limit is on a frame with its
 * header, whereas `ws` limits a message without it.
 */
export class FrameMeter {
  readonly #limit: number;
  readonly #header = Buffer.alloc(14);
  #headerBytes = 0;
  #skip = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes the next bytes of the stream and says what began in them. */
  feed(chunk: Uint8Array): FrameSighting {
    const seen: FrameSighting = { oversized: false, close: false, frames: 0 };
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      this.#header[this.#headerBytes] = chunk[at] as number;
      this.#headerBytes += 1;
      at += 1;
      if (this.#headerBytes < headerLength(this.#header, this.#headerBytes)) continue;
      seen.frames += 1;
      const payload = payloadLength(this.#header);
      if (payload + this.#headerBytes > this.#limit) seen.oversized = true;
      if (((this.#header[0] as number) & 0x0f) === CLOSE) seen.close = true;
      this.#skip = payload;
      this.#headerBytes = 0;
    }
    return seen;
  }
}

function headerLength(header: Buffer, known: number): number {
  if (known < 2) return 2;
  const second = header[1] as number;
  const extended = (second & 0x7f) === 127 ? 8 : (second & 0x7f) === 126 ? 2 : 0;
  return 2 + extended + ((second & 0x80) === 0 ? 0 : 4);
}

function payloadLength(header: Buffer): number {
  const short = (header[1] as number) & 0x7f;
  if (short === 126) return header.readUInt16BE(2);
  if (short === 127) return Number(header.readBigUInt64BE(2));
  return short;
}
