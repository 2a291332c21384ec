import { pad, textWidth } from '@rig/plugin-api';
import { formatCpu, formatMemory, formatMs, formatRate, formatRelease, formatShare } from '../format.ts';
import type { DashboardApp } from '../model/snapshot.ts';
import type { SortKey } from '../model/sort.ts';
import { cut } from './cut.ts';
import { sparkline } from './graph.ts';
import { paintState, type Theme } from './theme.ts';

/** What a row is made of. */
export interface RowData {
  app: DashboardApp;
  /** Requests a second of the last seconds, oldest first. */
  requests: readonly number[];
}

/** A column of the list. */
export interface Column {
  header: string;
  width: number;
  align: 'left' | 'right';
  /** The sort that its heading stands for. */
  sort?: SortKey;
  cell(row: RowData): string;
  /** Dresses the filled cell. */
  dress?(row: RowData, cell: string): string;
}

const GAP = 1;
const NAME_LEAST = 14;
const GRAPH_LEAST = 6;
const GRAPH_MOST = 60;

/** Name of an app as the list shows it: without its network where all are of one. */
export function shownName({ app, network }: DashboardApp, narrowed: boolean): string {
  return narrowed ? app : `${app}.${network}`;
}

/**
 * The columns that fit, the name and the graph taking what is left: where there is little room those that say least are
 * left out.
 *
 * @param longest columns that the longest name takes
 */
export function fitColumns(
  width: number,
  longest: number,
  theme: Theme,
  narrowed: boolean,
): { columns: Column[]; graph: number } {
  const fixed = fixedColumns(theme);
  const kept = fixed.filter(({ least }) => width >= least).map(({ column }) => column);
  const taken = kept.reduce((sum, column) => sum + column.width + GAP, 0) + 1;
  const left = width - taken;
  const wanted = Math.max(NAME_LEAST, longest);
  const graphRoom = left - Math.min(wanted, Math.max(NAME_LEAST, left - GRAPH_LEAST - GAP)) - GAP;
  const graph = graphRoom >= GRAPH_LEAST ? Math.min(GRAPH_MOST, graphRoom) : 0;
  const name = Math.max(1, graph > 0 ? Math.min(wanted, left - graph - GAP) : left);
  const columns: Column[] = [
    { header: 'APP', width: name, align: 'left', sort: 'name', cell: ({ app }) => shownName(app, narrowed) },
    ...kept,
  ];
  if (graph > 0)
    columns.push({
      header: 'REQUESTS',
      width: graph,
      align: 'left',
      cell: ({ requests }) => sparkline(requests.slice(-graph), theme.glyphs),
      dress: (_row, cell) => theme.paint.cyan(cell),
    });
  return { columns, graph };
}

/** Columns of a width of their own, and the terminal's least width at which each is shown. */
function fixedColumns(theme: Theme): Array<{ column: Column; least: number }> {
  const { glyphs, paint } = theme;
  const column = (
    least: number,
    header: string,
    width: number,
    cell: Column['cell'],
    more: Partial<Column> = {},
  ): { column: Column; least: number } => ({
    least,
    column: { header, width, align: 'right', cell, ...more },
  });
  return [
    column(0, 'STATE', 10, ({ app }) => `${glyphs.states[app.state]} ${app.state}`, {
      ...{ align: 'left', sort: 'state' },
      dress: ({ app }, cell) => paintState(theme, app.state)(cell),
    }),
    column(70, 'REL', 4, ({ app }) => formatRelease(app.release)),
    column(58, 'INST', 5, ({ app }) => `${app.healthy}/${app.wanted}`, {
      dress: ({ app }, cell) => (app.healthy < app.wanted ? paint.yellow(cell) : cell),
    }),
    column(100, 'RESTARTS', 8, ({ app }) => String(app.restarts)),
    column(0, 'REQ/S', 6, ({ app }) => formatRate(app.requestsPerSecond), { sort: 'requests' }),
    column(64, 'ERR', 5, ({ app }) => formatShare(app.errorsPerSecond, app.requestsPerSecond), {
      dress: ({ app }, cell) => (app.errorsPerSecond > 0 ? paint.red(cell) : cell),
    }),
    column(0, 'P95', 6, ({ app }) => (app.latencyMs === null ? '-' : formatMs(app.latencyMs.p95)), { sort: 'p95' }),
    column(0, 'CPU', 5, ({ app }) => formatCpu(app.cpu), { sort: 'cpu' }),
    column(0, 'MEM', 5, ({ app }) => formatMemory(app.memoryBytes), { sort: 'memory' }),
  ];
}

/** The line of headings; the column that is sorted by carries an arrow. */
export function headingLine(columns: readonly Column[], sort: SortKey, reverse: boolean, theme: Theme): string {
  const { glyphs, paint } = theme;
  const cells = columns.map(({ header, width, align, sort: key }) => {
    const isSorted = key === sort;
    const arrow = reverse !== (sort === 'name') ? glyphs.ascending : glyphs.descending;
    const text = isSorted ? cut(`${header}${arrow}`, width, glyphs) : cut(header, width, glyphs);
    const filled = pad(text, width, align);
    return isSorted ? paint.bold(filled) : paint.dim(filled);
  });
  return ` ${cells.join(' ')}`;
}

/** The line of an app; `plain` leaves the cells undressed, for the one that is chosen. */
export function rowLine(columns: readonly Column[], row: RowData, theme: Theme, plain: boolean): string {
  const cells = columns.map((column) => {
    const filled = pad(cut(column.cell(row), column.width, theme.glyphs), column.width, column.align);
    return plain || column.dress === undefined ? filled : column.dress(row, filled);
  });
  return cells.join(' ');
}

/** Columns that the longest name of these apps takes. */
export function longestName(apps: readonly DashboardApp[], narrowed: boolean): number {
  return apps.reduce((most, app) => Math.max(most, textWidth(shownName(app, narrowed))), 0);
}
