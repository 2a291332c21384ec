import { expect, test } from 'vitest';
import { killMax } from './kill-max.ts';

test('whatever Max has acknowledged outlives its end at any moment, and apps are adopted, never doubled', async () => {
  const report = await killMax({ kills: 3 });
  expect(report).toMatchObject({ kills: 3 });
  // It worked at something when it was killed.
  expect(report.writes).toBeGreaterThan(0);
  expect(report.lines).toBeGreaterThan(0);
  expect(report.repeated).toBeGreaterThan(0);
}, 180_000);
