import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mask, unmask } from '../../../plugin-api/src/websocket-mask.ts';

const key = fc.uint8Array({ minLength: 4, maxLength: 4 });
const bytes = fc.uint8Array({ maxLength: 300 });
const place = fc.nat(7);

/** What the protocol says: byte i is masked by byte i mod 4 of the key. */
const masked = (plain: Uint8Array, by: Uint8Array): number[] => [...plain].map((byte, at) => byte ^ (by[at % 4] ?? 0));

/** The same bytes at a place in memory that may not begin with a word, with a neighbour on either side. */
function placed(plain: Uint8Array, before: number): { whole: Uint8Array; bytes: Uint8Array } {
  const whole = new Uint8Array(before + plain.length + 9).fill(170);
  whole.set(plain, before);
  return { whole, bytes: whole.subarray(before, before + plain.length) };
}

test('bytes are masked as the protocol says, wherever they lie, and their neighbours stay as they are', () => {
  fc.assert(
    fc.property(bytes, key, place, (plain, by, before) => {
      const { whole, bytes: inPlace } = placed(plain, before);
      unmask(inPlace, by);
      expect([...inPlace]).toEqual(masked(plain, by));
      expect([...whole.subarray(0, before), ...whole.subarray(before + plain.length)]).toEqual(
        Array.from({ length: before + 9 }, () => 170),
      );
    }),
  );
});

test('what is masked into other memory is masked there alone', () => {
  fc.assert(
    fc.property(bytes, key, place, place, (plain, by, before, offset) => {
      const { bytes: source } = placed(plain, before);
      const output = new Uint8Array(offset + plain.length + 5).fill(170);
      mask(source, by, output, offset, plain.length);
      expect([...source]).toEqual([...plain]);
      expect([...output]).toEqual([
        ...Array.from({ length: offset }, () => 170),
        ...masked(plain, by),
        ...Array.from({ length: 5 }, () => 170),
      ]);
    }),
  );
});
