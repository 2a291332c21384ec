import { expect, test } from 'vitest';
import { cutFollower } from './follower-cuts.ts';

test('a follower prints each number once and in order, however its connection is cut', async () => {
  const report = await cutFollower({ cuts: 8, seconds: 4, kills: 1 });
  expect(report).toMatchObject({ lines: 4000, kills: 1 });
  expect(report.cuts).toBeGreaterThanOrEqual(8);
}, 120_000);
