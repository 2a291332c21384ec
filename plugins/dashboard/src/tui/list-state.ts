import { appFilter } from '../model/filter.ts';
import type { DashboardApp } from '../model/snapshot.ts';
import { SORT_KEYS, type SortKey, sortApps } from '../model/sort.ts';

/** What of the list is shown, and where the cursor is. */
export interface ListState {
  sort: SortKey;
  reverse: boolean;
  filter: string;
  /** Whether the filter is being typed. */
  typing: boolean;
  /** Id of the app under the cursor. */
  selected: string | undefined;
  /** Number of the first app that is seen. */
  top: number;
  /** Filtered and sorted. */
  apps: readonly DashboardApp[];
  /** What stands below the list. */
  bottom: 'panels' | 'events' | 'none';
}

/** The list as it begins. */
export const FIRST_LIST: ListState = {
  ...{ sort: 'name', reverse: false, filter: '', typing: false, selected: undefined, top: 0 },
  ...{ apps: [], bottom: 'panels' },
};

/**
 * Takes the apps as they are now: the cursor stays with its app wherever that moves to, and where it is gone at the app that
 * has come into its place.
 *
 * @param rows how many apps are seen at once
 */
export function withApps(state: ListState, all: readonly DashboardApp[], rows: number): ListState {
  const passes = appFilter(state.filter);
  const apps = sortApps(state.filter === '' ? all : all.filter(passes), state.sort, state.reverse);
  const before = state.apps.findIndex(({ id }) => id === state.selected);
  const now = apps.findIndex(({ id }) => id === state.selected);
  const at = now >= 0 ? now : Math.max(0, Math.min(before, apps.length - 1));
  return scrolled({ ...state, apps, selected: apps[at]?.id }, rows);
}

/** Moves the cursor by so many apps; it stops at both ends. */
export function moved(state: ListState, by: number, rows: number): ListState {
  const at = state.apps.findIndex(({ id }) => id === state.selected);
  const to = Math.max(0, Math.min(state.apps.length - 1, at + by));
  return scrolled({ ...state, selected: state.apps[to]?.id }, rows);
}

/** Scrolls no further than it takes to see the cursor. */
function scrolled(state: ListState, rows: number): ListState {
  const at = Math.max(
    0,
    state.apps.findIndex(({ id }) => id === state.selected),
  );
  const most = Math.max(0, state.apps.length - rows);
  const top = Math.min(most, Math.max(at - rows + 1, Math.min(at, state.top)));
  return { ...state, top };
}

/** The next thing to sort by; a new one begins with what wants to be looked at first. */
export function nextSort(state: ListState): ListState {
  const at = SORT_KEYS.indexOf(state.sort);
  return { ...state, sort: SORT_KEYS[(at + 1) % SORT_KEYS.length] as SortKey, reverse: false };
}
