/**
 * Masks frames of WebSockets a word at a time. It stands in for `bufferutil`, the optional native part of `ws`, in all bundles:
 * what `ws` does by itself on a Node without a mask of its own goes byte by byte, and costs more than the rest of a copy.
 */

/** Masks `length` bytes of `source` into `output` from `offset` on. */
export function mask(source: Uint8Array, key: Uint8Array, output: Uint8Array, offset: number, length: number): void {
  output.set(source.length === length ? source : source.subarray(0, length), offset);
  unmask(output.subarray(offset, offset + length), key);
}

/** Masks or unmasks bytes where they are. */
export function unmask(bytes: Uint8Array, key: Uint8Array): void {
  const { buffer, byteOffset, length } = bytes;
  // Words begin where their place in memory can be divided by four.
  const head = -byteOffset & 3;
  if (length < head) {
    maskBytes(bytes, key, 0, length);
    return;
  }
  maskBytes(bytes, key, 0, head);
  const words = new Int32Array(buffer, byteOffset + head, (length - head) >> 2);
  const word = wordOf(key, head);
  for (let at = 0; at < words.length; at += 1) words[at] = (words[at] as number) ^ word;
  maskBytes(bytes, key, head + words.length * 4, length);
}

function maskBytes(bytes: Uint8Array, key: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at += 1) bytes[at] = (bytes[at] as number) ^ (key[at & 3] as number);
}

/** The key as a word of this machine that begins `turn` bytes into it. */
function wordOf(key: Uint8Array, turn: number): number {
  const turned = Uint8Array.from({ length: 4 }, (_, at) => key[(at + turn) & 3] as number);
  return new Int32Array(turned.buffer)[0] as number;
}
