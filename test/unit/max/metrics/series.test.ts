import { expect, test } from 'vitest';
import { packChunk, unpackChunk } from '../../../../plugins/max/src/metrics/chunk.ts';
import { NumberReader, NumberWriter } from '../../../../plugins/max/src/metrics/numbers.ts';
import { COLUMNS } from '../../../../plugins/max/src/metrics/point.ts';
import { Series } from '../../../../plugins/max/src/metrics/series.ts';

/** The same numbers at each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const point = (value: number): number[] => Array.from({ length: COLUMNS }, (_, column) => value + column);
const shape = { stepMs: 1000, length: 60, kept: 60 };
const numbersOf = (series: Series, since = 0, until = Number.POSITIVE_INFINITY): Array<[number, number]> =>
  [...series.between(since, until)].map(([at, values]) => [at / 1000, values[0]!]);

test('numbers come back as they were written', () => {
  const writer = new NumberWriter();
  const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
  for (const number of numbers) writer.add(number);
  for (const number of [-1, 0, 1, -2_147_483_647]) writer.addSigned(number);
  writer.addText('app_1');
  const reader = new NumberReader(writer.text());
  expect(numbers.map(() => reader.next())).toEqual(numbers);
  expect([0, 0, 0, 0].map(() => reader.nextSigned())).toEqual([-1, 0, 1, -2_147_483_647]);
  expect(reader.nextText()).toBe('app_1');
  expect(reader.done).toBe(true);
  expect(() => reader.next()).toThrow(RangeError);
});

test('a chunk comes back as it was packed, whatever its numbers', () => {
  const next = random(7);
  for (let round = 0; round < 50; round += 1) {
    const rows = 1 + Math.floor(next() * 60);
    const slots = [...Array(60).keys()].filter(() => next() < 0.8).slice(0, rows);
    const largest = 2 ** Math.floor(next() * 31);
    const values = Int32Array.from({ length: slots.length * COLUMNS }, () => Math.floor(next() * largest));
    if (slots.length === 0) continue;
    const unpacked = unpackChunk(packChunk(slots, values));
    expect(unpacked.slots).toEqual(slots);
    expect([...unpacked.values]).toEqual([...values]);
  }
});

test('a minute without a change is a few bytes', () => {
  const slots = [...Array(60).keys()];
  const values = new Int32Array(60 * COLUMNS);
  for (const slot of slots) values.set(point(1000), slot * COLUMNS);
  expect(packChunk(slots, values).length).toBeLessThan(32);
});

test('points are found by their times, over packed chunks and the one that goes on', () => {
  const series = new Series(shape);
  const left = new Set([7, 60, 61, 125]);
  for (let second = 1; second <= 200; second += 1) if (!left.has(second)) series.add(second * 1000, point(second));
  const all = [...Array(200).keys()].map((index) => index + 1).filter((second) => !left.has(second));
  expect(numbersOf(series)).toEqual(all.map((second) => [second, second]));
  expect(numbersOf(series, 59_000, 63_000)).toEqual([
    [62, 62],
    [63, 63],
  ]);
  expect(numbersOf(series, 200_000)).toEqual([]);
  expect(numbersOf(series, 119_000, 120_000)).toEqual([[120, 120]]);
});

test('what is older than is kept goes, also after a long pause', () => {
  const series = new Series({ ...shape, kept: 2 });
  for (let second = 1; second <= 300; second += 1) series.add(second * 1000, point(second));
  expect(numbersOf(series)[0]).toEqual([121, 121]);
  series.add(100_000_000, point(9));
  expect(numbersOf(series)).toEqual([[100_000, 9]]);
});

test('a clock that is set back takes away what it brings again, and nothing before', () => {
  for (const from of [300, 295, 241, 240, 150, 121, 1]) {
    const series = new Series(shape);
    for (let second = 1; second <= 300; second += 1) series.add(second * 1000, point(second));
    series.add(from * 1000, point(1000 + from));
    const before = [...Array(from - 1).keys()].map((index) => [index + 1, index + 1]);
    expect(numbersOf(series), `from ${from}`).toEqual([...before, [from, 1000 + from]]);
    series.add((from + 2) * 1000, point(7));
    expect(numbersOf(series).slice(from - 1), `after ${from}`).toEqual([
      [from, 1000 + from],
      [from + 2, 7],
    ]);
  }
});

test('over and over set back, time goes on from there and nothing is there twice', () => {
  const series = new Series(shape);
  const next = random(3);
  let now = 500;
  const kept = new Map<number, number>();
  for (let round = 0; round < 2000; round += 1) {
    now = Math.max(1, next() < 0.05 ? now - Math.floor(next() * 200) : now + 1);
    for (const second of kept.keys()) if (second >= now) kept.delete(second);
    kept.set(now, round);
    series.add(now * 1000, point(round));
    if (round % 100 === 0) expect(numbersOf(series)).toEqual([...kept].slice(-numbersOf(series).length));
  }
  expect(numbersOf(series)).toEqual([...kept].slice(-numbersOf(series).length));
});
