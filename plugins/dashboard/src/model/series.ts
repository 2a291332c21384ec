import type { AppMetrics, MetricsPoint } from '@rig/plugin-api/max';
import { Ring } from './ring.ts';

/** The figures that graphs are drawn of. */
export const FIGURES = ['requests', 'redirects', 'refusals', 'errors', 'p50', 'p95', 'p99', 'cpu', 'memory'] as const;

/** One of {@link FIGURES}. */
export type Figure = (typeof FIGURES)[number];

/**
 * Figures by the second, oldest first: requests a second, of them redirects (3xx), refusals (4xx) and errors (5xx),
 * latencies in ms, cores, bytes.
 */
export type SeriesValues = Record<Figure, number[]>;

/** The second of a time, counted from 1970. */
export function secondOf(iso: string): number {
  return Math.round(Date.parse(iso) / 1000);
}

/** What an app did in the last seconds. */
export class Series {
  readonly #rings = new Map<Figure, Ring>();

  /** @param seconds how many are kept */
  constructor(seconds: number) {
    for (const figure of FIGURES) this.#rings.set(figure, new Ring(seconds));
  }

  /** Takes the figures of a second; those of an interval of more seconds hold for each of them. */
  add(second: number, figures: AppMetrics | MetricsPoint, seconds = 1): void {
    const { requests, statuses, latencyMs, cpu, memoryBytes } = figures;
    const values: Record<Figure, number> = {
      requests: requests / seconds,
      redirects: statuses['3xx'] / seconds,
      refusals: statuses['4xx'] / seconds,
      errors: statuses['5xx'] / seconds,
      p50: latencyMs?.p50 ?? Number.NaN,
      p95: latencyMs?.p95 ?? Number.NaN,
      p99: latencyMs?.p99 ?? Number.NaN,
      cpu,
      memory: memoryBytes,
    };
    for (const figure of FIGURES) (this.#rings.get(figure) as Ring).set(second, values[figure]);
  }

  /** Takes figures of seconds that end with `until`, as {@link Series.readAll} gives them. */
  fill(until: number, values: SeriesValues): void {
    for (const figure of FIGURES)
      values[figure].forEach((value, i, { length }) => {
        (this.#rings.get(figure) as Ring).set(until - length + 1 + i, value);
      });
  }

  /** The last `count` seconds of one figure up to `until`. */
  read(figure: Figure, until: number, count: number): number[] {
    return (this.#rings.get(figure) as Ring).read(until, count);
  }

  /** The last `count` seconds of all figures up to `until`. */
  readAll(until: number, count: number): SeriesValues {
    return Object.fromEntries(FIGURES.map((figure) => [figure, this.read(figure, until, count)])) as SeriesValues;
  }
}
