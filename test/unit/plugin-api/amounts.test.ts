import { formatBytes, formatDuration, parseBytes, parseDuration } from '@rig/plugin-api';
import { expect, test } from 'vitest';

test.each([
  ['200MB', 200_000_000],
  ['64MiB', 67_108_864],
  ['1.5gb', 1_500_000_000],
  ['10 kB', 10_000],
  ['512', 512],
  ['512B', 512],
  ['2TiB', 2 * 2 ** 40],
])('%s is %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(['', 'MB', '-1MB', '1e6', '1MBit', '10xb', '1..5MB', '1,5MB', '9999999999TB', 'constructor', '1 PB'])(
  '%j is no number of bytes',
  (text) => {
    expect(parseBytes(text)).toBeUndefined();
  },
);

test.each([
  ['90s', 90_000, '1m30s'],
  ['1h30m', 5_400_000, '1h30m'],
  ['2w', 1_209_600_000, '14d'],
  ['36h', 129_600_000, '1d12h'],
  ['0s', 0, '0s'],
])('%s is %d ms, and is shown as %s', (text, ms, shown) => {
  expect(parseDuration(text)).toBe(ms);
  expect(formatDuration(ms)).toBe(shown);
  expect(parseDuration(shown)).toBe(ms);
});

test.each(['', '90', 's', '1.5h', '-1s', '1y', '1h 30m', '1H'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('what is shown of bytes can be typed', () => {
  for (const bytes of [999, 1_500, 67_000_000, 5_000_000_000]) expect(parseBytes(formatBytes(bytes))).toBe(bytes);
});
