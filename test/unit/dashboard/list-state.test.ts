import { expect, test } from 'vitest';
import { appsOf } from '../../../plugins/dashboard/src/model/snapshot.ts';
import { FIRST_LIST, moved, nextSort, withApps } from '../../../plugins/dashboard/src/tui/list-state.ts';
import { appMetrics, sampleAt } from './app-metrics.ts';

const many = (count: number, requests = (_: number): number => 0) =>
  appsOf(
    sampleAt(
      1,
      Array.from({ length: count }, (_, i) =>
        appMetrics(`a${String(i).padStart(3, '0')}`, { requests: requests(i), state: i === 7 ? 'crashed' : 'running' }),
      ),
    ),
  );

test('the cursor moves, stops at both ends, and no more is scrolled than it takes', () => {
  let state = withApps(FIRST_LIST, many(500), 10);
  expect(state.selected).toBe('app_a000');
  state = moved(state, 9, 10);
  expect([state.selected, state.top]).toEqual(['app_a009', 0]);
  state = moved(state, 1, 10);
  expect([state.selected, state.top]).toEqual(['app_a010', 1]);
  state = moved(state, 1000, 10);
  expect([state.selected, state.top]).toEqual(['app_a499', 490]);
  state = moved(state, -3, 10);
  expect([state.selected, state.top]).toEqual(['app_a496', 490]);
  state = moved(state, -1000, 10);
  expect([state.selected, state.top]).toEqual(['app_a000', 0]);
});

test('the cursor stays with its app in another order, and where that is gone with its place', () => {
  let state = moved(withApps(FIRST_LIST, many(20), 10), 3, 10);
  state = withApps(
    { ...state, sort: 'requests' },
    many(20, (i) => i),
    10,
  );
  expect(state.apps[16]?.id).toBe('app_a003');
  expect([state.selected, state.top]).toEqual(['app_a003', 7]);
  const before = state.apps[17]?.id;
  state = withApps(
    state,
    many(20, (i) => i).filter(({ id }) => id !== 'app_a003'),
    10,
  );
  expect(state.selected).toBe(before);
});

test('a filter leaves the cursor on what is left, nothing at all where nothing is', () => {
  const state = withApps({ ...FIRST_LIST, filter: 'crashed' }, many(20), 10);
  expect([state.apps.length, state.selected]).toEqual([1, 'app_a007']);
  const none = withApps({ ...state, filter: 'nothing' }, many(20), 10);
  expect([none.apps.length, none.selected, none.top]).toEqual([0, undefined, 0]);
  expect(moved(none, 1, 10).selected).toBeUndefined();
});

test('sorts come round', () => {
  let state = { ...FIRST_LIST, reverse: true };
  const seen = Array.from({ length: 7 }, () => {
    state = nextSort(state) as typeof state;
    return state.sort;
  });
  expect(seen).toEqual(['state', 'requests', 'p95', 'cpu', 'memory', 'name', 'state']);
  expect(state.reverse).toBe(false);
});
