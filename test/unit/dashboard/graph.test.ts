import { expect, test } from 'vitest';
import { areaGraph, resample, roundTop, sparkline } from '../../../plugins/dashboard/src/tui/graph.ts';
import { makeTheme } from '../../../plugins/dashboard/src/tui/theme.ts';

const unicode = makeTheme({ unicode: true, color: false }).glyphs;
const ascii = makeTheme({ unicode: false, color: false }).glyphs;
const no = Number.NaN;

test('a small graph is scaled to its largest figure; what is not known is blank, and nothing is still a line', () => {
  expect(sparkline([0, 1, 4, 8, no, 8], unicode)).toBe('▁▁▄█ █');
  expect(sparkline([0, 0, no], unicode)).toBe('▁▁ ');
  expect(sparkline([0, 4, 8], ascii)).toBe('_-#');
  expect(sparkline([4], unicode, 8)).toBe('▄');
});

test('many figures become means, few stand at the right', () => {
  expect(resample([1, 3, no, 5, no, no], 3)).toEqual([2, 5, no]);
  expect(resample([1, 2], 4)).toEqual([no, no, 1, 2]);
});

test('a large graph has two figures a column and four steps a row', () => {
  expect(areaGraph([0, 4, 8, 8], { columns: 2, rows: 2 }, 8, unicode)).toEqual([' ⣿', '⣸⣿']);
  expect(areaGraph([no, 8], { columns: 1, rows: 1 }, 8, unicode)).toEqual(['⢸']);
  expect(areaGraph([8, 16, 0], { columns: 3, rows: 2 }, 16, ascii)).toEqual([' # ', '##_']);
});

test.each([
  [0, 1],
  [0.3, 0.5],
  [1, 1],
  [1.2, 2],
  [37, 50],
  [50, 50],
  [51e6, 100e6],
])('the scale of %d ends with %d', (most, top) => {
  expect(roundTop(most)).toBeCloseTo(top, 9);
});
