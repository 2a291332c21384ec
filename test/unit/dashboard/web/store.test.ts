import { describe, expect, test } from 'vitest';
import type { DashboardApp } from '../../../../plugins/dashboard/src/model/snapshot.ts';
import { errorShare, Store } from '../../../../plugins/dashboard/src/web/page/store.ts';
import { appOf, type Row, rowOf } from '../../../../plugins/dashboard/src/web/row.ts';

const APP: DashboardApp = {
  ...{ id: 'app_1', app: 'api', network: 'shop', state: 'running', release: 3, healthy: 2, wanted: 2, restarts: 1 },
  ...{ requestsPerSecond: 10, errorsPerSecond: 1, latencyMs: { p50: 1, p95: 2, p99: 3 } },
  ...{ cpu: 0.25, memoryBytes: 50_000_000, sockets: 4 },
};
const row = (change: Partial<DashboardApp> = {}): Row => rowOf({ ...APP, ...change });
const at = (second: number): string => new Date(1_700_000_000_000 + second * 1000).toISOString();

describe('what goes to a tab, and what it makes of it', () => {
  test('a row is the app again', () => {
    expect(appOf(row())).toEqual(APP);
    expect(appOf(row({ latencyMs: null, release: null }))).toMatchObject({ latencyMs: null, release: null });
  });

  test('what cannot be seen is no change', () => {
    expect(row({ cpu: 0.25001, memoryBytes: 50_010_000 })).toEqual(row());
  });

  test('a second passes for apps that did not change too, and one that was missed has no figures', () => {
    const store = new Store();
    const minute = { requests: [5, 10], errors: [0, 1] };
    const other = row({ id: 'app_2', app: 'web' });
    store.reset({ type: 'rows', at: at(0), rows: [row(), other], minute: { app_1: minute } });
    store.change({ type: 'changes', at: at(1), rows: [row({ requestsPerSecond: 20 })], gone: [] });
    store.change({ type: 'changes', at: at(3), rows: [], gone: ['app_2'] });
    expect(store.apps.get('app_1')?.minute.requests).toEqual([5, 10, 20, null, 20]);
    expect([...store.apps.keys()]).toEqual(['app_1']);
    expect(store.find('shop', 'api')?.app.requestsPerSecond).toBe(20);
    expect(store.find('shop', 'web')).toBeUndefined();
  });

  test('the same second again adds nothing, and a minute is the most', () => {
    const store = new Store();
    store.reset({ type: 'rows', at: at(0), rows: [row()], minute: {} });
    store.change({ type: 'changes', at: at(0), rows: [row()], gone: [] });
    expect(store.apps.get('app_1')?.minute.requests).toEqual([]);
    for (let second = 1; second <= 70; second++)
      store.change({ type: 'changes', at: at(second), rows: [row({ requestsPerSecond: second })], gone: [] });
    const requests = store.apps.get('app_1')?.minute.requests ?? [];
    expect([requests.length, requests[0], requests.at(-1)]).toEqual([60, 11, 70]);
  });

  test('the share of errors is of the whole minute, and there is none without requests', () => {
    expect(errorShare({ requests: [10, null, 30], errors: [1, null, 3] })).toBe(0.1);
    expect(errorShare({ requests: [0, null], errors: [0, null] })).toBeNull();
  });
});
