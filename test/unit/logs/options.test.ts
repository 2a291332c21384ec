import { describe, expect, test } from 'vitest';
import { parseLines } from '../../../plugins/logs/src/options.ts';
import { formatRecord } from '../../../plugins/logs/src/record.ts';

describe('--lines', () => {
  test('is a whole number up to 10,000, 100 unless said', () => {
    expect([parseLines(undefined), parseLines('0'), parseLines('10000')]).toEqual([100, 0, 10_000]);
  });

  test.each(['-1', '1.5', 'ten', '', '10001', '99999999999'])('%j is refused', (text) => {
    expect(() => parseLines(text)).toThrow(expect.objectContaining({ code: 'RIG_BAD_OPTION', exitCode: 2 }));
  });
});

describe('formatRecord', () => {
  const line = { seq: 1, at: '2026-03-01T09:30:05.120Z', instance: 'web.1', text: 'hello' };

  test('tells the streams apart without colour', () => {
    expect(formatRecord({ ...line, stream: 'stdout' })).toBe('2026-03-01T09:30:05.120Z web.1 | hello');
    expect(formatRecord({ ...line, stream: 'stderr' })).toBe('2026-03-01T09:30:05.120Z web.1 ! hello');
    expect(formatRecord({ ...line, stream: 'system', instance: 'max' })).toBe('2026-03-01T09:30:05.120Z max * hello');
  });

  test('says a gap', () => {
    expect(formatRecord({ gap: { from: 5, to: 9 } })).toContain('5 lines (5 to 9) are gone');
  });
});
