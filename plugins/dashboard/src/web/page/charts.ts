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

/** A graph of lines that stand for themselves: a figure each, with its name and its colour. */
function linesChart(
  title: string,
  unit: string,
  format: ChartOf['format'],
  lines: ReadonlyArray<readonly [figure: Figure, name: string, colour: string]>,
): ChartOf {
  const made = lines.map(([of, name, colour]) => ({ name, colour, value: figure(of) }));
  return { title, unit, stacked: false, format, lines: made };
}

/** The graphs of an app's view. */
export const CHARTS: readonly ChartOf[] = [
  {
    title: 'Requests/s',
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
  linesChart('Latency', 'time to the head of the answer', formatMs, [
    ['p50', 'p50', 'line-1'],
    ['p95', 'p95', 'line-2'],
    ['p99', 'p99', 'line-3'],
  ]),
  linesChart('CPU', 'per cent of one core', formatCpu, [['cpu', 'all instances', 'line-1']]),
  linesChart('Memory', 'of all its instances', formatMemory, [['memory', 'all instances', 'line-2']]),
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
