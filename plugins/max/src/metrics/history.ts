import type { MetricsHistory } from '@rig/plugin-api/max';
import { combinePoints, type PointValues, showPoint } from './point.ts';
import type { RequestCounts } from './request-window.ts';
import { Series, type SeriesPoint } from './series.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Which of the two resolutions, by the seconds of its intervals. */
export type Resolution = MetricsHistory['resolution'];

/** The intervals of a history in milliseconds; those of the contract unless a test has shorter ones. */
export interface Intervals {
  sampleMs: number;
  minuteMs: number;
}

/** The points of every app: an hour of seconds and a day of minutes, in memory, most of them packed. */
export class History {
  readonly #intervals: Intervals;
  readonly #byApp = new Map<string, Record<Resolution, Series>>();

  constructor(intervals: Intervals) {
    this.#intervals = intervals;
  }

  /** Keeps the point of an app's second. */
  addSecond(appId: string, at: number, values: PointValues): void {
    this.#of(appId)[1].add(at, values);
  }

  /** Keeps the point of an app's minute. */
  addMinute(appId: string, at: number, values: PointValues): void {
    this.#of(appId)[60].add(at, values);
  }

  /** Makes the point of the minute that ends at a time from its seconds, where there are some. */
  endMinute(appId: string, at: number, percentiles: RequestCounts['percentiles']): void {
    const seconds = this.#byApp.get(appId)?.[1].open(at) ?? [];
    if (seconds.length > 0) this.addMinute(appId, at, combinePoints(seconds, percentiles, this.#secondsOf(60)));
  }

  /** The points whose intervals end after `since` and not after `until`. */
  read(appId: string, resolution: Resolution, since: number, until: number): MetricsHistory {
    const points = this.#between(appId, resolution, since, until).map(([at, values]) =>
      showPoint(at, values, this.#secondsOf(resolution)),
    );
    return { resolution, points };
  }

  /** The same as they are kept. */
  values(appId: string, resolution: Resolution, since: number, until: number): PointValues[] {
    return this.#between(appId, resolution, since, until).map(([, values]) => values);
  }

  /** Forgets an app that is gone. */
  forget(appId: string): void {
    this.#byApp.delete(appId);
  }

  #secondsOf(resolution: Resolution): number {
    const { sampleMs, minuteMs } = this.#intervals;
    return (resolution === 1 ? sampleMs : minuteMs) / 1000;
  }

  #between(appId: string, resolution: Resolution, since: number, until: number): SeriesPoint[] {
    return [...(this.#byApp.get(appId)?.[resolution].between(since, until) ?? [])];
  }

  #of(appId: string): Record<Resolution, Series> {
    let series = this.#byApp.get(appId);
    if (series === undefined) {
      const { sampleMs, minuteMs } = this.#intervals;
      series = {
        1: new Series({ stepMs: sampleMs, length: minuteMs / sampleMs, kept: HOUR_MS / minuteMs }),
        60: new Series({ stepMs: minuteMs, length: 60, kept: DAY_MS / (60 * minuteMs) }),
      };
      this.#byApp.set(appId, series);
    }
    return series;
  }
}
