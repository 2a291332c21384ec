import { describe, expect, test } from 'vitest';
import { FIGURES } from '../../../../plugins/dashboard/src/model/series.ts';
import { CHARTS, stack, valuesOf } from '../../../../plugins/dashboard/src/web/page/charts.ts';
import type { Figures } from '../../../../plugins/dashboard/src/web/protocol.ts';

describe('graphs of an app', () => {
  test('requests are told apart by the class of their status, and stacked without a gap', () => {
    const nothing = Object.fromEntries(FIGURES.map((figure) => [figure, [0, null]])) as Figures;
    const figures = { ...nothing, requests: [10, null], redirects: [1, null], refusals: [2, null], errors: [3, null] };
    const values = valuesOf(CHARTS[0] as (typeof CHARTS)[number], figures);
    expect(values).toEqual([
      [4, null],
      [1, null],
      [2, null],
      [3, null],
    ]);
    // The topmost first: 5xx on 4xx on 3xx on 2xx.
    expect(stack(values)).toEqual([
      [10, null],
      [7, null],
      [5, null],
      [4, null],
    ]);
  });
});
