import type { Figure } from '../../model/series.ts';
import type { Figures } from '../protocol.ts';
import { formatCpu, formatMemory, formatMs, formatRate } from './format.ts';

/** A line of a graph: its name, its colour in the style sheet, and its value at an interval. */
export interface LineOf {
  name: string;
  colour: string;
  /** Figures of an interval by their name. */
  value(at: (figure: Figure) => number | null): number | null;
}

/** A graph of an app. */
export interface ChartOf {
  title: string;
  /** What is said of it to who cannot see it. */
  unit: string;
  /** Lines that are parts of a whole are stacked, the first at the bottom. */
  stacked: boolean;
  lines: readonly LineOf[];
  format(value: number | null): string;
}

const figure = (name: Figure): LineOf['value'] => {
  return (at) => at(name);
};

/** The graphs of an app's view. */
export const CHARTS: readonly ChartOf[] = [
  {
    title: 'Requests per second',
    unit: 'requests per second by class of status',
    stacked: true,
    format: formatRate,
    lines: [
      {
        name: '2xx',
        colour: 'line-ok',
        value: (at) => {
          const all = at('requests');
          if (all === null) return null;
          return Math.max(0, all - (at('redirects') ?? 0) - (at('refusals') ?? 0) - (at('errors') ?? 0));
        },
      },
      { name: '3xx', colour: 'line-moved', value: figure('redirects') },
      { name: '4xx', colour: 'line-refused', value: figure('refusals') },
      { name: '5xx', colour: 'line-error', value: figure('errors') },
    ],
  },
  {
    title: 'Latency',
    unit: 'time to the head of the answer',
    stacked: false,
    format: formatMs,
    lines: [
      { name: 'p50', colour: 'line-1', value: figure('p50') },
      { name: 'p95', colour: 'line-2', value: figure('p95') },
      { name: 'p99', colour: 'line-3', value: figure('p99') },
    ],
  },
  {
    title: 'CPU',
    unit: 'per cent of one core',
    stacked: false,
    format: formatCpu,
    lines: [{ name: 'all instances', colour: 'line-1', value: figure('cpu') }],
  },
  {
    title: 'Memory',
    unit: 'of all its instances',
    stacked: false,
    format: formatMemory,
    lines: [{ name: 'all instances', colour: 'line-2', value: figure('memory') }],
  },
];

/** The values of a graph's lines, one array a line. */
export function valuesOf(chart: ChartOf, figures: Figures): Array<Array<number | null>> {
  const { length } = figures.requests;
  return chart.lines.map((line) =>
    Array.from({ length }, (_, index) => line.value((name) => figures[name][index] ?? null)),
  );
}

/** What is drawn of stacked lines: each with those below it, and the topmost first so that none hides another. */
export function stack(values: Array<Array<number | null>>): Array<Array<number | null>> {
  const below: Array<number | null> = [];
  const sums = values.map((line) =>
    line.map((value, index) => {
      if (value === null) return null;
      below[index] = (below[index] ?? 0) + value;
      return below[index] as number;
    }),
  );
  return sums.reverse();
}
