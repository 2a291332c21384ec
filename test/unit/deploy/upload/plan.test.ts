import { describe, expect, test } from 'vitest';
import { type ChunkSource, isLoopback, planPacks } from '../../../../plugins/deploy/src/upload/plan.ts';

const sources = (sizes: Record<string, number>): Map<string, ChunkSource> =>
  new Map(Object.entries(sizes).map(([path, size]) => [`digest of ${path}`, { path, offset: 0, size }]));

const shape = (sizes: Record<string, number>, compress: boolean, packBytes: number): Array<[boolean, string[]]> => {
  const map = sources(sizes);
  return planPacks([...map.keys()], map, compress, packBytes).map((pack) => [
    pack.gzip,
    pack.chunks.map(({ path }) => path),
  ]);
};

describe('planPacks', () => {
  test('fills packs in order; what is larger goes alone', () => {
    expect(shape({ a: 4, b: 4, c: 4, d: 30, e: 1 }, false, 10)).toEqual([
      [false, ['a', 'b']],
      [false, ['c']],
      [false, ['d']],
      [false, ['e']],
    ]);
  });

  test('parts what gzip shrinks from what it does not', () => {
    expect(shape({ 'a.js': 1, 'b.PNG': 1, 'c.css': 1, 'd.tar.gz': 1 }, true, 10)).toEqual([
      [true, ['a.js', 'c.css']],
      [false, ['b.PNG', 'd.tar.gz']],
    ]);
  });

  test('a digest that is not of this tree is an internal error, not a loop', () => {
    expect(() => planPacks(['ff'], new Map(), false)).toThrow('not in the tree');
  });
});

test('isLoopback knows this machine', () => {
  for (const server of ['http://127.0.0.1:7420', 'http://localhost:1', 'http://[::1]:80'])
    expect(isLoopback(server)).toBe(true);
  for (const server of ['https://max.example', 'http://127.example.com', 'http://10.0.0.1'])
    expect(isLoopback(server)).toBe(false);
});
