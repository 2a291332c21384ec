import { expect, test } from 'vitest';
import { loadSwitches } from './switch.ts';

test('under load no request is lost and none is sent twice, whatever takes over from whatever', async () => {
  const report = await loadSwitches({ seconds: 0, rate: 60, sockets: 4 });
  expect(report.failures).toEqual([]);
  expect(report).toMatchObject({ lost: 0, repeated: 0, unseen: 0, heldBack: 0 });
  // Of every kind something was asked, and of every release but the fifth, which never got healthy.
  expect(Object.keys(report.byKind)).toHaveLength(9);
  expect(report.posts).toBeGreaterThan(0);
  expect(report.echoes).toBeGreaterThan(0);
  expect(report.releases.sort()).toEqual(['v1', 'v2', 'v3', 'v4']);
  expect(Object.keys(report.switches)).toHaveLength(6);
}, 180_000);
