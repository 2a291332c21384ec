import { formatTime } from '../format.ts';
import { eventText } from '../model/event-text.ts';
import { firstSteps } from '../model/first-steps.ts';
import type { DashboardSnapshot } from '../model/snapshot.ts';
import { type KeyHint, keysLine, ruleLine, titleLine, totalsLine } from './chrome.ts';
import { fitColumns, headingLine, longestName, type RowData, rowLine } from './columns.ts';
import { cut, drawnWidth, safe } from './cut.ts';
import type { ListState } from './list-state.ts';
import { panelLines } from './panels.ts';
import type { Theme } from './theme.ts';

/** What the list is drawn of. */
export interface ListProps {
  snapshot: DashboardSnapshot;
  state: ListState;
  size: { columns: number; rows: number };
  theme: Theme;
  /** Requests a second of an app in the last seconds. */
  requestsOf: (id: string, seconds: number) => number[];
  /** Whether there is `rig shell`. */
  hasShell: boolean;
}

/** Lines above the rows: title, totals, headings. */
const ABOVE = 3;

/** How many apps a screen of that height shows, and how many lines are left below them. */
export function listLayout(rows: number, bottom: ListState['bottom']): { rows: number; below: number } {
  const below = bottom === 'none' || rows < 16 ? 0 : Math.min(12, Math.max(4, Math.floor(rows * 0.28)));
  return { rows: Math.max(1, rows - ABOVE - below - 1), below };
}

/** Draws the list of apps: a line of the terminal each. */
export function listLines(props: ListProps): string[] {
  const { snapshot, state, size, theme, requestsOf } = props;
  const { glyphs, paint } = theme;
  const { columns: width } = size;
  const layout = listLayout(size.rows, state.bottom);
  const narrowed = snapshot.network !== null;
  const { columns, graph } = fitColumns(width, longestName(snapshot.apps, narrowed), theme, narrowed);
  const shown = state.apps.slice(state.top, state.top + layout.rows);
  const rows = shown.map((app) => {
    const row: RowData = { app, requests: graph > 0 ? requestsOf(app.id, graph) : [] };
    if (app.id !== state.selected) return ` ${rowLine(columns, row, theme, false)}`;
    const line = rowLine(columns, row, theme, true);
    return paint.inverse(cut(`${glyphs.cursor}${line}`, width, glyphs).padEnd(width));
  });
  if (shown.length === 0) rows.push(...emptyLines(props));
  while (rows.length < layout.rows) rows.push('');
  return [
    titleLine(snapshot, width, theme),
    totalsLine(snapshot, width, theme),
    headingLine(columns, state.sort, state.reverse, theme),
    ...rows.slice(0, layout.rows),
    ...(layout.below === 0 ? [] : belowLines(props, layout.below)),
    footer(props, layout.rows),
  ];
}

function emptyLines({ snapshot, state, size, theme }: ListProps): string[] {
  const { apps } = snapshot;
  if (apps.length > 0)
    return ['', safe(`  No app matches "${state.filter}". Esc clears the filter.`, size.columns, theme.glyphs)];
  const { network, filter } = snapshot;
  if (filter !== null) return ['', safe(`  No app matches --filter "${filter}".`, size.columns, theme.glyphs)];
  return [
    '',
    `  No apps yet${network === null ? '' : ` in the network ${network}`}. To begin:`,
    '',
    ...firstSteps(network).map((step) => `    ${step}`),
    '',
    '  An app shows up here as soon as it is made.',
  ].map((line) => safe(line, size.columns, theme.glyphs));
}

function belowLines(props: ListProps, count: number): string[] {
  const { state, size, theme, snapshot } = props;
  const { panels } = snapshot;
  const { columns } = size;
  if (panels.length === 0 || state.bottom === 'events') return eventLines(props, columns, count);
  if (columns < 110) {
    const lines = panelLines(panels, columns, theme);
    // What panels leave is for events: a heading and one of them at least.
    const left = count - lines.length;
    return left < 2 ? firstOf(lines, count) : [...lines, ...eventLines(props, columns, left)];
  }
  const left = Math.floor(columns / 2);
  const events = eventLines(props, left, count);
  return firstOf(panelLines(panels, columns - left - 1, theme), count).map(
    (line, i) => `${fill(events[i] ?? '', left)} ${line}`,
  );
}

function eventLines({ snapshot, theme }: ListProps, columns: number, count: number): string[] {
  const { glyphs, paint } = theme;
  const events = snapshot.events.slice(0, count - 1).map((event) => {
    const { about, said } = eventText(event);
    const text = safe(about === null ? said : `${about}: ${said}`, columns - 10, glyphs);
    return ` ${paint.dim(formatTime(event.at))} ${text}`;
  });
  const lines = [
    ruleLine('Events', columns, theme),
    ...(events.length === 0 ? [' Nothing has happened yet.'] : events),
  ];
  return firstOf(lines, count);
}

/** So many lines, empty ones where there are fewer. */
function firstOf(lines: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, i) => lines[i] ?? '');
}

/** Fills a dressed line with spaces. */
function fill(line: string, columns: number): string {
  return line + ' '.repeat(Math.max(0, columns - drawnWidth(line)));
}

function footer({ state, size, theme, hasShell, snapshot }: ListProps, rows: number): string {
  const { columns } = size;
  const { glyphs, paint } = theme;
  if (state.typing) {
    // The end, where it is typed, is what is seen of a long one.
    const most = columns - 36;
    const typed = state.filter.length > most ? glyphs.ellipsis + state.filter.slice(-most) : state.filter;
    return safe(` / ${typed}_`, columns - 31, glyphs) + paint.dim('   Enter keeps it, Esc clears it');
  }
  const count = state.apps.length;
  const place = count > rows ? `${state.top + 1}-${Math.min(count, state.top + rows)} of ${count}` : '';
  const filtered = state.filter === '' ? '' : `/${state.filter} ${count} of ${snapshot.apps.length}`;
  const hints: KeyHint[] = [
    ...(filtered === '' ? [] : ([['Esc', filtered]] as KeyHint[])),
    ...(place === '' || filtered !== '' ? [] : ([['j k', place]] as KeyHint[])),
    ...([
      ['Enter', 'open'],
      ['/', 'filter'],
      ['s', `sort: ${state.sort}`],
      ['l', 'logs'],
    ] as KeyHint[]),
    ...(hasShell ? ([['x', 'shell']] as KeyHint[]) : []),
    ...(snapshot.panels.length > 0 ? ([['p', 'panels']] as KeyHint[]) : []),
    ...([
      ['?', 'help'],
      ['q', 'quit'],
    ] as KeyHint[]),
  ];
  return keysLine(hints, columns, theme);
}
