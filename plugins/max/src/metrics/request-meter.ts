import { classOf, NO_REQUESTS, type RequestCounts, RequestWindow } from './request-window.ts';

/** Parts of a minute whose requests are kept apart, so that the last minute can be told at any time. */
export const MINUTE_PARTS = 6;

/** Upper bounds of the buckets of latencies that Prometheus is told, in seconds. */
export const LATENCY_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** Everything that was answered of an app since Max has started. */
export interface RequestTotals {
  /** By the class of the status. */
  statuses: number[];
  /** How many latencies fell into each bucket of {@link LATENCY_BOUNDS}, and beyond them all. */
  buckets: number[];
  seconds: number;
}

/** Counts an app's requests, for the second and the minute that go on. */
export class RequestMeter {
  readonly totals: RequestTotals = {
    statuses: [0, 0, 0, 0, 0],
    buckets: [...LATENCY_BOUNDS.map(() => 0), 0],
    seconds: 0,
  };
  readonly #second = new RequestWindow();
  /** By the number of the part; only those with requests. */
  readonly #parts = new Map<number, RequestWindow>();

  /** Counts a request. */
  add(status: number, ms: number): void {
    this.#second.add(status, ms);
    const seconds = ms / 1000;
    const { statuses, buckets } = this.totals;
    statuses[classOf(status)]! += 1;
    let at = 0;
    while (at < LATENCY_BOUNDS.length && seconds > LATENCY_BOUNDS[at]!) at += 1;
    buckets[at]! += 1;
    this.totals.seconds += seconds;
  }

  /** Ends a second that belongs to a part of a minute: gives its requests, and begins the next. */
  turn(part: number): RequestCounts {
    // Those to come are of a clock that ran ahead: their time comes again.
    for (const known of this.#parts.keys()) if (known <= part - MINUTE_PARTS || known > part) this.#parts.delete(known);
    if (this.#second.requests === 0) return NO_REQUESTS;
    let window = this.#parts.get(part);
    if (window === undefined) {
      window = new RequestWindow();
      this.#parts.set(part, window);
    }
    window.merge(this.#second);
    const counts = this.#second.counts();
    this.#second.clear();
    return counts;
  }

  /** The requests of the parts from one to another, both included. */
  between(from: number, to: number): RequestCounts {
    const all = new RequestWindow();
    for (const [part, window] of this.#parts) if (part >= from && part <= to) all.merge(window);
    return all.requests === 0 ? NO_REQUESTS : all.counts();
  }
}
