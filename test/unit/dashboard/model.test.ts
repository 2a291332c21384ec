import { describe, expect, test } from 'vitest';
import { appFilter } from '../../../plugins/dashboard/src/model/filter.ts';
import { Ring } from '../../../plugins/dashboard/src/model/ring.ts';
import { Series } from '../../../plugins/dashboard/src/model/series.ts';
import { appsOf, totalsOf } from '../../../plugins/dashboard/src/model/snapshot.ts';
import { sortApps } from '../../../plugins/dashboard/src/model/sort.ts';
import { appMetrics, sampleAt } from './app-metrics.ts';

describe('a ring', () => {
  test('keeps the newest seconds, and has nothing where a second was left out', () => {
    const ring = new Ring(5);
    for (const second of [100, 101, 103]) ring.set(second, second);
    expect(ring.read(103, 5)).toEqual([Number.NaN, 100, 101, Number.NaN, 103]);
    ring.set(105, 105);
    expect(ring.read(105, 5)).toEqual([101, Number.NaN, 103, Number.NaN, 105]);
  });

  test('takes a second that comes late, and drops one that is too old', () => {
    const ring = new Ring(4);
    ring.set(10, 1);
    ring.set(8, 2);
    ring.set(3, 3);
    expect(ring.read(10, 4)).toEqual([Number.NaN, 2, Number.NaN, 1]);
  });

  test('forgets everything after a long pause, and has nothing beyond its newest', () => {
    const ring = new Ring(3);
    ring.set(1, 1);
    ring.set(50, 2);
    expect(ring.read(51, 4)).toEqual([Number.NaN, Number.NaN, 2, Number.NaN]);
  });
});

test('a sample of two seconds, as one was left out, is told by the second', () => {
  const statuses = { '1xx': 0, '2xx': 60, '3xx': 0, '4xx': 0, '5xx': 40 };
  const [api] = appsOf(sampleAt(2, [appMetrics('api', { requests: 100, statuses, cpu: 0.5 })], 2));
  expect(api).toMatchObject({ requestsPerSecond: 50, errorsPerSecond: 20, cpu: 0.5 });
});

test('figures of an interval of minutes are a mean second', () => {
  const series = new Series(3);
  series.add(
    7,
    appMetrics('api', { requests: 120, statuses: { '1xx': 0, '2xx': 60, '3xx': 0, '4xx': 0, '5xx': 60 } }),
    60,
  );
  expect(series.read('requests', 7, 1)).toEqual([2]);
  expect(series.read('errors', 7, 1)).toEqual([1]);
  expect(series.readAll(7, 2).p95).toEqual([Number.NaN, Number.NaN]);
});

const apps = appsOf(
  sampleAt(
    1,
    [
      appMetrics('api', { requests: 10, cpu: 0.5 }),
      appMetrics('web', { requests: 30, memoryBytes: 9e9 }),
      appMetrics('cron', { state: 'crashed', healthy: 0, latencyMs: { p50: 1, p95: 80, p99: 90 } }),
      appMetrics('api', { network: 'blog', state: 'stopped', wanted: 0, healthy: 0 }),
    ],
    0.5,
  ),
);
const names = (list: typeof apps): string[] => list.map(({ app, network }) => `${app}.${network}`);

describe('apps', () => {
  test('requests a second follow from the interval', () => {
    expect(apps.map(({ requestsPerSecond }) => requestsPerSecond)).toEqual([20, 60, 0, 0]);
  });

  test.each([
    ['name', false, ['api.blog', 'api.shop', 'cron.shop', 'web.shop']],
    ['name', true, ['web.shop', 'cron.shop', 'api.shop', 'api.blog']],
    ['state', false, ['cron.shop', 'api.shop', 'web.shop', 'api.blog']],
    ['requests', false, ['web.shop', 'api.shop', 'api.blog', 'cron.shop']],
    ['p95', false, ['cron.shop', 'api.blog', 'api.shop', 'web.shop']],
    ['cpu', false, ['api.shop', 'api.blog', 'cron.shop', 'web.shop']],
    ['memory', false, ['web.shop', 'api.blog', 'api.shop', 'cron.shop']],
  ] as const)('sorted by %s, reversed: %s', (key, reverse, expected) => {
    expect(names(sortApps(apps, key, reverse))).toEqual(expected);
  });

  test.each([
    ['', 4],
    ['API', 2],
    ['api shop', 1],
    ['.shop', 3],
    ['!shop', 1],
    ['crash', 1],
    ['!run !stop', 1],
    ['ash', 0],
  ])('filter %j lets %i through', (text, count) => {
    expect(apps.filter(appFilter(text))).toHaveLength(count);
  });

  test('totals are sums, and count the states', () => {
    expect(totalsOf(apps)).toMatchObject({
      ...{ apps: 4, states: { running: 2, crashed: 1, stopped: 1 }, healthy: 2, wanted: 3, requestsPerSecond: 80 },
    });
  });
});
