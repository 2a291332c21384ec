import { expect, test } from 'vitest';
import { closeFrame, Frames } from '../../../../plugins/max/src/router/frames.ts';

const text = (size: number): Buffer => {
  const head =
    size < 126
      ? Buffer.from([0x81, size])
      : size < 65_536
        ? Buffer.from([0x81, 126, size >> 8, size & 255])
        : Buffer.from([
            0x81,
            127,
            0,
            0,
            0,
            0,
            ...Buffer.from([size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255]),
          ]);
  return Buffer.concat([head, Buffer.alloc(size, 0x88)]);
};

test.each([1, 2, 3, 7, 100_000])('frames are told apart, in pieces of %i bytes', (step) => {
  const sizes = [0, 5, 125, 126, 300, 70_000, 1];
  const stream = Buffer.concat(sizes.map(text));
  const ends = new Set<number>([0]);
  let end = 0;
  for (const size of sizes) {
    end += text(size).length;
    ends.add(end);
  }
  const frames = new Frames();
  for (let at = 0; at < stream.length; at += step) {
    frames.push(stream.subarray(at, at + step));
    const reached = Math.min(at + step, stream.length);
    expect(frames.open, `at ${reached}`).toBe(ends.has(reached));
  }
});

test('nothing is put in after the frame that closes', () => {
  const frames = new Frames();
  expect(frames.open).toBe(true);
  frames.push(closeFrame(1001));
  expect(frames.open).toBe(false);
  expect([...closeFrame(1012)]).toEqual([0x88, 2, 0x03, 0xf4]);
});
