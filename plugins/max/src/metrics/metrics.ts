import type { EventLog } from '../events.ts';
import type { Runtime } from '../runtime.ts';
import type { Database } from '../store/database.ts';
import { MeasuredApps } from './measured-apps.ts';
import { MINUTE_PARTS } from './request-meter.ts';
import type { RequestMeters } from './request-meters.ts';
import { NO_REQUESTS } from './request-window.ts';
import type { Snapshot } from './snapshot.ts';
import { takeFigures } from './take-figures.ts';
import { Ticker } from './ticker.ts';

/** Milliseconds between two samples. */
export const SAMPLE_MS = 1_000;
const MINUTE_MS = 60_000;

/** What the figures are taken from. */
export interface MetricsOptions {
  database: Database;
  events: EventLog;
  runtime: Pick<Runtime, 'running' | 'usage'>;
  requests: RequestMeters;
  /** Writes a line to Max's own log. */
  log(text: string): void;
}

/** Takes the figures of every app each second, and tells who wants to know. */
export class Metrics {
  readonly #options: MetricsOptions;
  readonly #apps: MeasuredApps;
  readonly #ticker: Ticker;
  readonly #followers = new Set<(snapshot: Snapshot) => void>();
  #last: Snapshot | undefined;
  #lookedAt = 0;
  #failing = false;

  constructor(options: MetricsOptions) {
    this.#options = options;
    const { database, events, requests } = options;
    this.#apps = new MeasuredApps(database, events, (id) => requests.forget(id));
    this.#ticker = new Ticker(
      SAMPLE_MS,
      (at) => this.#sample(at),
      (error) => this.#failed(error),
    );
  }

  /** Begins to measure. */
  start(): void {
    this.#ticker.start();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#followers.clear();
    this.#apps.close();
    await this.#ticker.stop();
  }

  /** The figures of the last second; `undefined` in the first one of a Max. */
  get last(): Snapshot | undefined {
    return this.#last;
  }

  /** The last one, or the first as soon as it is there. */
  async first(): Promise<Snapshot> {
    if (this.#last !== undefined) return this.#last;
    return new Promise((resolve) => {
      const unfollow = this.follow((snapshot) => {
        unfollow();
        resolve(snapshot);
      });
    });
  }

  /** Calls back with each new snapshot; gives a function that ends it. */
  follow(follower: (snapshot: Snapshot) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  async #sample(at: number): Promise<void> {
    const { runtime, requests } = this.#options;
    const observed = this.#apps.all().map((app) => ({ app, running: runtime.running(app.id) }));
    const leaders = observed.flatMap(({ running }) =>
      running.instances.flatMap(({ id, pid }) => (pid === null ? [] : [{ id, pid }])),
    );
    const now = performance.now();
    const elapsed = (now - this.#lookedAt) / 1000;
    this.#lookedAt = now;
    const usages = await runtime.usage(leaders);
    const part = Math.floor((at - 1) / (MINUTE_MS / MINUTE_PARTS));
    const apps = observed.map(({ app, running }) => {
      const counts = requests.of(app.id)?.turn(part) ?? NO_REQUESTS;
      return takeFigures({ app, running, usages, requests: counts, elapsed });
    });
    this.#last = { at: new Date(at).toISOString(), apps };
    for (const follower of [...this.#followers]) follower(this.#last);
    this.#failing = false;
  }

  /** Told once, not each second. */
  #failed(error: Error): void {
    if (!this.#failing) this.#options.log(`figures cannot be taken: ${error.stack ?? error.message}`);
    this.#failing = true;
  }
}
