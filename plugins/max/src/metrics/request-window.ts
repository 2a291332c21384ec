import type { RequestFigures } from '@rig/plugin-api/max';
import { LatencyHistogram, latencyOf } from './latency-histogram.ts';

/** Classes of statuses, in the order in which they are counted. */
export const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** What was answered in an interval, as numbers: requests by the class of their status, percentiles as buckets. */
export interface RequestCounts {
  statuses: readonly number[];
  /** Buckets of the latencies; `undefined` where there was no request. */
  percentiles: readonly [p50: number, p95: number, p99: number] | undefined;
}

/** No requests. */
export const NO_REQUESTS: RequestCounts = { statuses: [0, 0, 0, 0, 0], percentiles: undefined };

/** Where a status counts; one that HTTP does not know is a fault of the app. */
export function classOf(status: number): number {
  const digit = Math.floor(status / 100);
  return digit >= 1 && digit <= 5 ? digit - 1 : 4;
}

/** The requests of an interval that goes on. */
export class RequestWindow {
  readonly #statuses = [0, 0, 0, 0, 0];
  readonly #latencies = new LatencyHistogram();
  #requests = 0;

  /** How many there were. */
  get requests(): number {
    return this.#requests;
  }

  /** Counts one. */
  add(status: number, ms: number): void {
    this.#statuses[classOf(status)]! += 1;
    this.#latencies.add(ms);
    this.#requests += 1;
  }

  /** Counts those of another. */
  merge(other: RequestWindow): void {
    for (const [index, count] of other.#statuses.entries()) this.#statuses[index]! += count;
    this.#latencies.merge(other.#latencies);
    this.#requests += other.#requests;
  }

  /** What was counted. */
  counts(): RequestCounts {
    return { statuses: [...this.#statuses], percentiles: this.#latencies.percentiles() };
  }

  /** Begins anew. */
  clear(): void {
    if (this.#requests === 0) return;
    this.#statuses.fill(0);
    this.#latencies.clear();
    this.#requests = 0;
  }
}

/** Counts as the contract has them. */
export function requestFigures({ statuses, percentiles }: RequestCounts): RequestFigures {
  const [one = 0, two = 0, three = 0, four = 0, five = 0] = statuses;
  return {
    requests: one + two + three + four + five,
    statuses: { '1xx': one, '2xx': two, '3xx': three, '4xx': four, '5xx': five },
    latencyMs:
      percentiles === undefined
        ? null
        : { p50: latencyOf(percentiles[0]), p95: latencyOf(percentiles[1]), p99: latencyOf(percentiles[2]) },
  };
}
