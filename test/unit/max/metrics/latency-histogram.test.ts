import { expect, test } from 'vitest';
import { LatencyHistogram, latencyOf } from '../../../../plugins/max/src/metrics/latency-histogram.ts';

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;

test('percentiles are never less than they are, and at most 4 % more', () => {
  let state = 42;
  const next = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  for (const count of [1, 2, 10, 99, 100, 5000]) {
    const latencies = Array.from({ length: count }, () => 0.06 * 10 ** (next() * 6)).sort((a, b) => a - b);
    const histogram = new LatencyHistogram();
    for (const ms of latencies) histogram.add(ms);
    for (const [index, part] of [0.5, 0.95, 0.99].entries()) {
      const told = latencyOf(histogram.percentiles()![index]!);
      const exact = percentile(latencies, part);
      // Told to three places.
      expect(told / exact, `p${part * 100} of ${count}: ${told} for ${exact}`).toBeGreaterThan(0.995);
      expect(told / exact, `p${part * 100} of ${count}: ${told} for ${exact}`).toBeLessThan(1.045);
    }
  }
});

test('two that are merged tell what one of both would, and one that is cleared tells nothing', () => {
  const [one, other, both] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()];
  for (let ms = 1; ms <= 100; ms += 1) {
    (ms % 3 === 0 ? one : other).add(ms);
    both.add(ms);
  }
  one.merge(other);
  expect(one.percentiles()).toEqual(both.percentiles());
  one.clear();
  expect(one.percentiles()).toBeUndefined();
});

test('what is shorter or longer than any bucket is in the first and the last', () => {
  const histogram = new LatencyHistogram();
  for (const ms of [0, -1, Number.NaN]) histogram.add(ms);
  expect(histogram.percentiles()).toEqual([0, 0, 0]);
  histogram.clear();
  histogram.add(10 ** 9);
  expect(latencyOf(histogram.percentiles()![0])).toBeGreaterThan(500_000);
});
