import { createCipheriv, createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CHUNK_MAX_BYTES, ChunkSplitter } from '../../../../plugins/deploy/src/tree/chunk-splitter.ts';

const MIB = 1024 * 1024;

/** Bytes without any order, the same ones at every run. */
const bytesOf = (size: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(size));

/** Cuts bytes that come in pieces of a size. */
function split(bytes: Buffer, pieceBytes: number): Buffer[] {
  const splitter = new ChunkSplitter();
  const chunks: Buffer[] = [];
  let begin = 0;
  let at = 0;
  while (at < bytes.length) {
    const piece = bytes.subarray(at, Math.min(at + pieceBytes, bytes.length));
    const { length, ends } = splitter.take(piece);
    at += length;
    if (!ends) continue;
    chunks.push(bytes.subarray(begin, at));
    begin = at;
  }
  if (begin < at) chunks.push(bytes.subarray(begin));
  return chunks;
}

const names = (chunks: readonly Buffer[]): string[] =>
  chunks.map((chunk) => createHash('sha256').update(chunk).digest('hex'));

describe('ChunkSplitter', () => {
  test('cuts by content alone, however the bytes come, and no chunk is too large or too small', () => {
    const bytes = bytesOf(40 * MIB);
    const chunks = split(bytes, MIB);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(chunks.length).toBeGreaterThan(4);
    for (const { length } of chunks) expect(length).toBeLessThanOrEqual(CHUNK_MAX_BYTES);
    for (const { length } of chunks.slice(0, -1)) expect(length).toBeGreaterThanOrEqual(2 * MIB);
    expect(names(split(bytes, 77_777))).toEqual(names(chunks));
    expect(names(split(bytes, bytes.length))).toEqual(names(chunks));
  });

  test('what is put in or taken out changes the chunks around it, not those behind', () => {
    const bytes = bytesOf(64 * MIB);
    const before = names(split(bytes, MIB));
    const at = 20 * MIB;
    const longer = Buffer.concat([bytes.subarray(0, at), Buffer.from('put in'), bytes.subarray(at)]);
    const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1000)]);
    for (const changed of [longer, shorter]) {
      const known = new Set(before);
      const fresh = names(split(changed, MIB)).filter((name) => !known.has(name));
      expect(fresh.length).toBeGreaterThan(0);
      expect(fresh.length).toBeLessThanOrEqual(4);
    }
  });

  test('a file without any variety is cut at the largest size', () => {
    const sizes = split(Buffer.alloc(20 * MIB), MIB).map(({ length }) => length);
    expect(sizes).toEqual([8 * MIB, 8 * MIB, 4 * MIB]);
  });
});
