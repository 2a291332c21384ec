import { pad, textWidth } from '@rig/plugin-api';
import type { AppStatus, InstanceMetrics, LogLine } from '@rig/plugin-api/max';
import { formatCpu, formatMemory, formatMs, formatRate, formatRelease, formatTime } from '../format.ts';
import { whyNothingRuns } from '../model/first-steps.ts';
import type { SeriesValues } from '../model/series.ts';
import type { DashboardApp, DashboardSnapshot } from '../model/snapshot.ts';
import type { Span } from '../model/spans.ts';
import { type KeyHint, keysLine, ruleLine, titleLine } from './chrome.ts';
import { cut, ends, safe } from './cut.ts';
import { areaGraph, largest, roundTop } from './graph.ts';
import { paintState, type Theme } from './theme.ts';

/** What one app is drawn of. */
export interface AppProps {
  snapshot: DashboardSnapshot;
  /** How it is known by. */
  name: string;
  /** Its figures; `undefined` where it is gone. */
  app: DashboardApp | undefined;
  status: AppStatus | undefined;
  instances: readonly InstanceMetrics[];
  lines: readonly LogLine[];
  trouble: string | null;
  span: Span;
  figures: SeriesValues;
  size: { columns: number; rows: number };
  theme: Theme;
  hasShell: boolean;
}

/** Draws one app: its graphs, its instances, the end of its log. */
export function appLines(props: AppProps): string[] {
  const { snapshot, size, theme, span } = props;
  const { columns, rows } = size;
  const instances = instanceLines(props, Math.max(2, Math.floor(rows / 5)));
  const graphs = graphLines(props, graphRows(rows));
  const above = [titleLine(snapshot, columns, theme), headLine(props), ...graphs, ...instances];
  const left = rows - above.length - 1;
  const logs = left < 2 ? [] : logLines(props, left);
  while (above.length + logs.length < rows - 1) logs.push('');
  const hints: KeyHint[] = [
    ...([
      ['Esc', 'back'],
      ['t', `span: ${span}`],
      ['l', 'logs'],
    ] as KeyHint[]),
    ...(props.hasShell ? ([['x', 'shell']] as KeyHint[]) : []),
    ...([
      ['j k', 'next app'],
      ['?', 'help'],
      ['q', 'quit'],
    ] as KeyHint[]),
  ];
  return [...above, ...logs].slice(0, rows - 1).concat(keysLine(hints, columns, theme));
}

/** Lines of each graph on a screen of that height. */
function graphRows(rows: number): number {
  return Math.max(1, Math.min(8, Math.floor((rows - 10) / 4)));
}

function headLine({ name, app, status, size, theme, trouble, snapshot }: AppProps): string {
  const { glyphs, paint } = theme;
  const { columns } = size;
  if (app === undefined) return paint.red(safe(` ${name} is gone: it was deleted, or renamed`, columns, glyphs));
  const state = `${glyphs.states[app.state]} ${app.state}`;
  const facts = [
    formatRelease(app.release),
    `${app.healthy}/${app.wanted} instances`,
    ...(app.restarts === 0 ? [] : [`${app.restarts} restarts`]),
    ...(trouble === null ? [] : [safe(trouble, columns, glyphs)]),
    ...(status === undefined ? [] : [safe(status.app.url, columns, glyphs)]),
  ];
  const rest = ` ${glyphs.dot} ${facts.join(` ${glyphs.dot} `)}`;
  const room = columns - textWidth(name) - textWidth(state) - 3;
  if (snapshot.connection.state === 'offline')
    return paint.red(safe(` ${name}: Max does not answer: ${snapshot.connection.reason ?? ''}`, columns, glyphs));
  return ` ${paint.bold(cut(name, columns - 1, glyphs))}${room < 1 ? '' : `  ${paintState(theme, app.state)(state)}${cut(rest, room, glyphs)}`}`;
}

interface Graph {
  title: string;
  now: string;
  top: string;
  values: number[];
  scale: number;
}

/** The newest figure there is. */
function newest(values: readonly number[]): number {
  return values.findLast((value) => !Number.isNaN(value)) ?? Number.NaN;
}

function graphsOf({ figures }: AppProps): Graph[] {
  const graph = (title: string, values: number[], show: (value: number) => string, now?: string): Graph => {
    const scale = roundTop(largest(values));
    const last = newest(values);
    return { title, values, scale, top: show(scale), now: now ?? (Number.isNaN(last) ? '-' : show(last)) };
  };
  const errors = newest(figures.errors);
  const rate = newest(figures.requests);
  const failing = errors > 0 ? `, ${formatRate(errors)} failing` : '';
  const latency = newest(figures.p95.slice(-30));
  const p50 = newest(figures.p50.slice(-30));
  const latencies = Number.isNaN(latency) ? '-' : `${formatMs(latency)}, p50 ${formatMs(p50)}`;
  return [
    graph('req/s', figures.requests, formatRate, Number.isNaN(rate) ? '-' : `${formatRate(rate)}${failing}`),
    graph('p95', figures.p95, formatMs, latencies),
    graph('CPU', figures.cpu, formatCpu),
    graph('memory', figures.memory, formatMemory),
  ];
}

/** Two graphs beside each other, or one where there is no room. */
function graphLines(props: AppProps, rows: number): string[] {
  const { size, theme, span } = props;
  const graphs = graphsOf(props);
  if (size.columns < 70) {
    const few = size.rows < 20 ? graphs.slice(0, 2) : graphs;
    return few.flatMap((graph) => drawGraph(graph, span, { columns: size.columns, rows: Math.min(rows, 2) }, theme));
  }
  const left = Math.floor(size.columns / 2);
  const right = size.columns - left;
  const [requests, latency, cpu, memory] = graphs.map((graph, i) =>
    drawGraph(graph, span, { columns: i % 2 === 0 ? left : right, rows }, theme),
  ) as [string[], string[], string[], string[]];
  const beside = (a: string[], b: string[]): string[] => a.map((line, i) => line + (b[i] ?? ''));
  return [...beside(requests, latency), ...beside(cpu, memory)];
}

const AXIS = 7;

function drawGraph(
  { title, now, top, values, scale }: Graph,
  span: Span,
  { columns, rows }: AppProps['size'],
  theme: Theme,
): string[] {
  const { glyphs, paint } = theme;
  const width = columns - AXIS - 1;
  const drawn = areaGraph(values, { columns: width, rows }, scale, glyphs);
  const heading = ends(` ${title}  ${now}`, `last ${span} `, columns, glyphs);
  return [
    heading.replace(title, paint.bold(title)).replace(`last ${span} `, paint.dim(`last ${span} `)),
    ...drawn.map((line, i) => {
      const label = i === 0 ? top : i === rows - 1 ? '0' : '';
      return `${paint.dim(pad(label, AXIS - 1, 'right'))} ${paint.cyan(line)} `;
    }),
  ];
}

function instanceLines({ app, name, instances, status, size, theme }: AppProps, most: number): string[] {
  const { columns } = size;
  const { glyphs, paint } = theme;
  const heading = paint.dim(
    cut(
      ` ${pad('INSTANCE', 14)} ${pad('STATE', 12)} ${pad('RESTARTS', 8, 'right')} ${pad('CPU', 6, 'right')} ${pad('MEM', 6, 'right')} ${pad('SOCKETS', 7, 'right')}  LAST EXIT`,
      columns,
      glyphs,
    ),
  );
  if (instances.length === 0) return [heading, safe(` ${whyNothingRuns(app, name).join(' ')}`, columns, glyphs)];
  const exits = new Map(status?.instances.map(({ name, lastExit }) => [name, lastExit ?? '']));
  const rows = instances.map((one) => {
    const state = pad(cut(one.state, 12, glyphs), 12);
    const cells = [
      pad(safe(one.name, 14, glyphs), 14),
      one.state === 'healthy' ? paint.green(state) : one.state === 'stopped' ? state : paint.yellow(state),
      pad(String(one.restarts), 8, 'right'),
      pad(formatCpu(one.cpu), 6, 'right'),
      pad(formatMemory(one.memoryBytes), 6, 'right'),
      pad(String(one.sockets), 7, 'right'),
      ` ${safe(exits.get(one.name) ?? '', Math.max(1, columns - 61), glyphs)}`,
    ];
    return ` ${columns < 62 ? cells.slice(0, 5).join(' ') : cells.join(' ')}`;
  });
  if (rows.length <= most) return [heading, ...rows];
  return [heading, ...rows.slice(0, most - 1), paint.dim(` and ${rows.length - most + 1} more`)];
}

function logLines({ lines, size, theme }: AppProps, count: number): string[] {
  const { glyphs, paint } = theme;
  const { columns } = size;
  const shown = lines.slice(-(count - 1)).map(({ at, instance, stream, text }) => {
    const head = `${formatTime(at)} ${instance}`;
    const body = safe(text, Math.max(1, columns - textWidth(head) - 3), glyphs);
    return ` ${paint.dim(safe(head, columns, glyphs))} ${stream === 'stderr' ? paint.yellow(body) : body}`;
  });
  return [ruleLine('Log', columns, theme), ...(shown.length === 0 ? [' Nothing was written yet.'] : shown)];
}
