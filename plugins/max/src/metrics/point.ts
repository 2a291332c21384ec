import type { MetricsPoint } from '@rig/plugin-api/max';
import { type RequestCounts, requestFigures } from './request-window.ts';

/** Numbers of a point; each is a whole one, and not less than 0. */
export const COLUMNS = 14;

/** A point as it is kept: numbers by {@link Column}. */
export type PointValues = ArrayLike<number>;

/** What stands where in a point. */
const Column = {
  cpu: 0,
  memory: 1,
  sockets: 2,
  healthy: 3,
  restarts: 4,
  statuses: 5,
  percentiles: 10,
  span: 13,
} as const;

/** Parts of a second that a point's seconds are told in: a tick that comes a little late must not make each point another. */
const SPANS_A_SECOND = 20;
/** Seconds that differ by so much of an interval are its own: numbers that end with zeros take less on disk. */
const AS_LONG = 0.01;

/** As large as a kept number may be. */
const MOST = 2 ** 31 - 1;

/** What a point is made from. */
export interface PointFigures {
  cpu: number;
  memoryBytes: number;
  sockets: number;
  healthy: number;
  /** Those that fell into the interval. */
  restarts: number;
  requests: RequestCounts;
  /** Those in which it was counted. */
  seconds: number;
}

/** A point as it is kept: thousandths of a core, kibibytes, latencies by their bucket, 0 for none, and its seconds. */
export function pointValues(figures: PointFigures): number[] {
  const { cpu, memoryBytes, sockets, healthy, restarts, requests, seconds } = figures;
  const { statuses, percentiles } = requests;
  const latencies = percentiles === undefined ? [0, 0, 0] : percentiles.map((bucket) => bucket + 1);
  const usage = [Math.round(cpu * 1000), Math.round(memoryBytes / 1024), Math.round(sockets)];
  const all = [...usage, healthy, restarts, ...statuses, ...latencies, Math.round(seconds * SPANS_A_SECOND)];
  return all.map((value) => Math.min(MOST, Math.max(0, value)));
}

/** A point as the contract has it; one that was kept without its seconds has those of its interval. */
export function showPoint(at: number, values: PointValues, interval: number): MetricsPoint {
  const column = (index: number): number => values[index] ?? 0;
  const latency = (index: number): number => column(Column.percentiles + index) - 1;
  const none = column(Column.percentiles) === 0;
  return {
    at: new Date(at).toISOString(),
    seconds: secondsOf(values) || interval,
    cpu: column(Column.cpu) / 1000,
    memoryBytes: column(Column.memory) * 1024,
    sockets: column(Column.sockets),
    healthy: column(Column.healthy),
    restarts: column(Column.restarts),
    ...requestFigures({
      statuses: [0, 1, 2, 3, 4].map((index) => column(Column.statuses + index)),
      percentiles: none ? undefined : [latency(0), latency(1), latency(2)],
    }),
  };
}

function secondsOf(values: PointValues): number {
  return (values[Column.span] ?? 0) / SPANS_A_SECOND;
}

/**
 * The points of an interval of so many seconds as a single one: means of usage, in which each counts by its seconds, sums of
 * what happened, the last of what is healthy. Its seconds are kept where they are others than the interval has.
 */
export function combinePoints(
  points: readonly PointValues[],
  percentiles: RequestCounts['percentiles'],
  interval: number,
): number[] {
  const sum = (index: number): number => points.reduce((total, values) => total + values[index]!, 0);
  const seconds = sum(Column.span) / SPANS_A_SECOND;
  const weighed = (index: number): number =>
    points.reduce((total, values) => total + values[index]! * secondsOf(values), 0) / seconds;
  const mean = (index: number): number => (seconds > 0 ? weighed(index) : sum(index) / points.length);
  return pointValues({
    cpu: mean(Column.cpu) / 1000,
    memoryBytes: mean(Column.memory) * 1024,
    sockets: mean(Column.sockets),
    healthy: points.at(-1)![Column.healthy]!,
    restarts: sum(Column.restarts),
    requests: { statuses: [0, 1, 2, 3, 4].map((index) => sum(Column.statuses + index)), percentiles },
    seconds: Math.abs(seconds / interval - 1) < AS_LONG ? 0 : seconds,
  });
}
