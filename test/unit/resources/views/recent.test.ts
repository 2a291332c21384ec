import type { RecentMetrics } from '@rig/plugin-api/max';
import { expect, test } from 'vitest';
import { recentCells, recentFields } from '../../../../plugins/resources/src/views/recent.ts';

const idle: RecentMetrics = {
  at: '2026-03-01T09:30:00.000Z',
  seconds: 60,
  cpu: 0,
  memoryBytes: 0,
  sockets: 0,
  requests: 0,
  statuses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
  latencyMs: null,
};

test('what an app used and answered in the last minute is two short lines', () => {
  expect(recentFields({ ...idle, cpu: 0.0125, memoryBytes: 52_400_000 })).toEqual([
    ['usage', 'CPU 1.3 %, memory 52 MB'],
    ['requests', 'none in the last minute'],
  ]);
  const latencyMs = { p50: 0.83, p95: 54.2, p99: 1200 };
  expect(recentFields({ ...idle, cpu: 2.1, memoryBytes: 1, requests: 2, latencyMs })).toEqual([
    ['usage', 'CPU 210 %, memory 1 B'],
    ['requests', '2 in the last minute, p50 0.8 ms, p95 54 ms'],
  ]);
  const statuses = { ...idle.statuses, '5xx': 3 };
  const slow = { ...idle, requests: 720, statuses, latencyMs: { p50: 42, p95: 1234, p99: 5000 } };
  expect(recentFields(slow)[1]).toEqual(['requests', '12/s in the last minute, p50 42 ms, p95 1.2 s, 3 failed (5xx)']);
});

test('what used and answered nothing, or is of a Max that takes no figures, has none', () => {
  for (const metrics of [idle, null, undefined]) expect(recentFields(metrics)).toEqual([]);
});

test('of many apps each has its requests a second, CPU and memory, as far as it runs', () => {
  expect(recentCells({ ...idle, seconds: 30, cpu: 0.0125, memoryBytes: 52_400_000, requests: 45 })).toEqual([
    '1.5',
    '1.3 %',
    '52 MB',
  ]);
  expect(recentCells({ ...idle, memoryBytes: 1000 })).toEqual(['0', '0 %', '1.0 kB']);
  for (const metrics of [idle, undefined]) expect(recentCells(metrics)).toEqual([null, null, null]);
});
