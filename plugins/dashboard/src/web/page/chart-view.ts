import uPlot from 'uplot';
import type { Figures } from '../protocol.ts';
import { type ChartOf, stack, valuesOf } from './charts.ts';
import { el, setText } from './dom.ts';
import { colour } from './theme.ts';

/** Seconds from 1970 of each value, oldest first. */
export interface TimeAxis {
  times: number[];
  /** Seconds of an interval. */
  resolution: number;
}

const HEIGHT = 168;
/** All graphs of a view show the same moment under the pointer. */
const cursors = uPlot.sync('app');

/** A graph with its legend, which has the figures under the pointer, or else the newest. */
export class ChartView {
  readonly node: HTMLElement;
  readonly #chart: ChartOf;
  readonly #box = el('div', { className: 'plot', attrs: { 'aria-hidden': 'true' } });
  readonly #figures: HTMLElement[];
  readonly #when = el('span', { className: 'when' });
  readonly #resize = new ResizeObserver(() => this.#fit());
  #plot: uPlot | undefined;
  #values: Array<Array<number | null>> = [];
  #axis: TimeAxis = { times: [], resolution: 1 };
  #pointed: number | null = null;

  constructor(chart: ChartOf) {
    this.#chart = chart;
    this.#figures = chart.lines.map(() => el('span', { className: 'value' }));
    const legend = el('ul', { className: 'legend' });
    chart.lines.forEach(({ name, colour: css }, index) => {
      const swatch = el('span', { className: `swatch ${css}`, attrs: { 'aria-hidden': 'true' } });
      legend.append(el('li', {}, swatch, el('span', { textContent: name }), this.#figures[index]));
    });
    this.node = el(
      'figure',
      { className: 'chart', attrs: { 'aria-label': `${chart.title}, ${chart.unit}` } },
      el('figcaption', {}, el('h3', { textContent: chart.title }), this.#when, legend),
      this.#box,
    );
    this.#resize.observe(this.#box);
  }

  /** Shows figures. */
  show(figures: Figures, axis: TimeAxis): void {
    const isOther = axis.resolution !== this.#axis.resolution || axis.times.length !== this.#axis.times.length;
    this.#values = valuesOf(this.#chart, figures);
    this.#axis = axis;
    if (this.#plot === undefined || isOther) this.#make();
    else this.#plot.setData(this.#data());
    this.#showLegend();
  }

  /** Draws it in other colours. */
  recolour(): void {
    if (this.#plot) this.#make();
  }

  /** Takes it away. */
  close(): void {
    this.#resize.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #data(): uPlot.AlignedData {
    const drawn = this.#chart.stacked ? stack(this.#values) : this.#values;
    return [this.#axis.times, ...drawn];
  }

  #make(): void {
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(), this.#data(), this.#box);
  }

  #options(): uPlot.Options {
    const { stacked, lines, format } = this.#chart;
    const drawn = stacked ? [...lines].reverse() : lines;
    const [axis, grid] = [colour('muted'), colour('grid')];
    const font = '11px system-ui, sans-serif';
    const common = { stroke: axis, font, ticks: { show: false }, grid: { stroke: grid, width: 1 } };
    return {
      width: Math.max(120, this.#box.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      cursor: { sync: { key: cursors.key }, points: { size: 6 }, drag: { x: false, y: false }, y: false },
      padding: [8, 8, 0, 0],
      scales: {
        x: { time: true },
        y: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, stacked ? 1 : 0.001) * 1.08] },
      },
      axes: [
        { ...common, grid: { show: false }, size: 22, space: 56, values: timesOf(this.#axis) },
        { ...common, size: 60, space: 30, values: (_plot, splits) => splits.map((value) => format(value)) },
      ],
      series: [
        {},
        ...drawn.map((line): uPlot.Series => {
          const stroke = colour(line.colour);
          const fill = stacked ? stroke : lines.length === 1 ? `${stroke}22` : undefined;
          const base = { label: line.name, stroke, width: stacked ? 0 : 1.5, points: { show: false } };
          return fill === undefined ? base : { ...base, fill };
        }),
      ],
      hooks: {
        setCursor: [
          (plot) => {
            this.#pointed = plot.cursor.idx ?? null;
            this.#showLegend();
          },
        ],
      },
    };
  }

  #showLegend(): void {
    const { times } = this.#axis;
    const isPointed = this.#pointed !== null && this.#pointed < times.length;
    const at = isPointed ? (this.#pointed as number) : times.length - 1;
    for (const [index, node] of this.#figures.entries())
      setText(node, this.#chart.format(this.#values[index]?.[at] ?? null));
    setText(
      this.#when,
      isPointed ? new Date((times[at] ?? 0) * 1000).toLocaleTimeString(undefined, { hour12: false }) : '',
    );
  }

  #fit(): void {
    const width = this.#box.clientWidth;
    if (this.#plot && width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT });
  }
}

/** Hours and minutes, and seconds where they tell the marks apart. */
function timesOf({ times, resolution }: TimeAxis): uPlot.Axis.Values {
  const isShort = resolution === 1 && times.length <= 120;
  return (_plot, splits) =>
    splits.map((second) =>
      new Date(second * 1000).toLocaleTimeString(undefined, {
        hour: '2-digit',
        minute: '2-digit',
        hour12: false,
        ...(isShort ? { second: '2-digit' } : {}),
      }),
    );
}
