import { PACK_HEADER_BYTES } from '@rig/plugin-api/max';

/** What a pack is made of, as it comes: the head of a chunk, then its bytes in pieces, then its end. */
export type PackPart = { head: { digest: string; size: number } } | { piece: Buffer } | { end: true };

/** The pack stopped inside a chunk. */
export class PackCutError extends Error {}

/** Splits a stream of bytes into the chunks of a pack, holding no more than one piece. */
export async function* readPack(source: AsyncIterable<Uint8Array>): AsyncGenerator<PackPart> {
  let head = Buffer.alloc(0);
  let left = -1;
  for await (const data of source) {
    let bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    while (bytes.length > 0) {
      if (left === -1) {
        const taken = Math.min(PACK_HEADER_BYTES - head.length, bytes.length);
        head = Buffer.concat([head, bytes.subarray(0, taken)]);
        bytes = bytes.subarray(taken);
        if (head.length < PACK_HEADER_BYTES) break;
        const size = head.readBigUInt64BE(32);
        // A length that no number holds is no length that anybody announced; the caller refuses it.
        left = size > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(size);
        yield { head: { digest: head.toString('hex', 0, 32), size: left } };
        head = Buffer.alloc(0);
      } else {
        const piece = bytes.subarray(0, left);
        bytes = bytes.subarray(piece.length);
        left -= piece.length;
        yield { piece };
      }
      if (left === 0) {
        left = -1;
        yield { end: true };
      }
    }
  }
  if (left !== -1 || head.length > 0) throw new PackCutError('the pack ends inside a chunk');
}
