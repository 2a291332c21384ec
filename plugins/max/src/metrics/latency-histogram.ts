/** Each bucket reaches so much further than the one before: what is told of a latency is at most 4 % too much. */
const GROWTH = 1.04;
/** The first bucket ends there, the last one takes all that takes longer than some ten minutes. */
const FIRST_MS = 0.05;
/** How many there are. */
export const LATENCY_BUCKETS = 416;

const SCALE = 1 / Math.log(GROWTH);

/** The bucket of a latency. */
export function bucketOf(ms: number): number {
  if (!(ms > FIRST_MS)) return 0;
  return Math.min(LATENCY_BUCKETS - 1, Math.ceil(Math.log(ms / FIRST_MS) * SCALE));
}

/** The most that a latency of a bucket is, in milliseconds, to three places. */
export function latencyOf(bucket: number): number {
  return Number((FIRST_MS * GROWTH ** bucket).toPrecision(3));
}

/** The percentiles that are told. */
export const PERCENTILES = [0.5, 0.95, 0.99] as const;

/** How many latencies fell into which bucket: a fixed size, however many there are. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(LATENCY_BUCKETS);
  #total = 0;

  /** Counts a latency. */
  add(ms: number): void {
    this.#counts[bucketOf(ms)]! += 1;
    this.#total += 1;
  }

  /** Counts what another has counted. */
  merge(other: LatencyHistogram): void {
    if (other.#total === 0) return;
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket += 1) this.#counts[bucket]! += other.#counts[bucket]!;
    this.#total += other.#total;
  }

  /** The buckets of {@link PERCENTILES}; `undefined` where nothing was counted. */
  percentiles(): [p50: number, p95: number, p99: number] | undefined {
    if (this.#total === 0) return undefined;
    const ranks = PERCENTILES.map((part) => Math.max(1, Math.ceil(part * this.#total)));
    const found: [number, number, number] = [0, 0, 0];
    let seen = 0;
    let next = 0;
    for (let bucket = 0; bucket < LATENCY_BUCKETS && next < ranks.length; bucket += 1) {
      seen += this.#counts[bucket]!;
      while (next < ranks.length && seen >= ranks[next]!) {
        found[next] = bucket;
        next += 1;
      }
    }
    return found;
  }

  /** Begins anew. */
  clear(): void {
    if (this.#total === 0) return;
    this.#counts.fill(0);
    this.#total = 0;
  }
}
