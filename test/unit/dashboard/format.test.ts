import { expect, test } from 'vitest';
import {
  formatCpu,
  formatMemory,
  formatMs,
  formatRate,
  formatRelease,
  formatShare,
  formatTime,
} from '../../../plugins/dashboard/src/format.ts';

test.each([
  [formatRate, 0, '0'],
  [formatRate, 0.4, '0.4'],
  [formatRate, 99.94, '99.9'],
  [formatRate, 99.96, '100'],
  [formatRate, 9999, '9999'],
  [formatRate, 12_345, '12k'],
  [formatMs, 0.84, '0.8ms'],
  [formatMs, 9.96, '10ms'],
  [formatMs, 999, '999ms'],
  [formatMs, 999.6, '1.0s'],
  [formatMs, 75_000, '75s'],
  [formatCpu, 0, '0%'],
  [formatCpu, 0.004, '0.4%'],
  [formatCpu, 2.1, '210%'],
  [formatMemory, 0, '0'],
  [formatMemory, 640_000, '640k'],
  [formatMemory, 51_600_000, '52M'],
  [formatMemory, 999_600_000, '1.0G'],
  [formatMemory, 14e9, '14G'],
  [formatRelease, null, '-'],
  [formatRelease, 12, 'v12'],
  [formatTime, '2026-03-01T09:30:05.250Z', '09:30:05'],
  [formatTime, 'soon', '--:--:--'],
] as const)('%o of %j is %j', (format, value, text) => {
  expect((format as (value: unknown) => string)(value)).toBe(text);
});

test('a share of failures is never shown as none', () => {
  expect([formatShare(0, 0), formatShare(0, 9), formatShare(1, 5000), formatShare(1, 200), formatShare(9, 9)]).toEqual([
    ...['0%', '0%', '<0.1%', '0.5%', '100%'],
  ]);
});
