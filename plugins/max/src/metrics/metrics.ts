import type { MetricsHistory, RecentMetrics } from '@rig/plugin-api/max';
import type { EventLog } from '../events.ts';
import type { RunningApp, Runtime } from '../runtime.ts';
import type { Database } from '../store/database.ts';
import type { DiskRoom } from '../store/disk-room.ts';
import { AppTotals } from './app-totals.ts';
import { History, type Intervals, type Resolution } from './history.ts';
import { type MeasuredApp, MeasuredApps } from './measured-apps.ts';
import { MinuteBacklog } from './minute-backlog.ts';
import { MinuteFiles, type MinutePoint } from './minute-files.ts';
import { combinePoints, pointValues, showPoint } from './point.ts';
import { MINUTE_PARTS } from './request-meter.ts';
import type { RequestMeters } from './request-meters.ts';
import { NO_REQUESTS, type RequestCounts } from './request-window.ts';
import { RestartCounter } from './restart-counter.ts';
import { SampleWaiters } from './sample-waiters.ts';
import type { Snapshot } from './snapshot.ts';
import { takeFigures } from './take-figures.ts';
import { Ticker } from './ticker.ts';

/** What holds unless a test says otherwise. */
export const INTERVALS: Intervals = { sampleMs: 1_000, minuteMs: 60_000 };

/** What the figures are taken from, and where they are kept. */
export interface MetricsOptions {
  database: Database;
  events: EventLog;
  runtime: Pick<Runtime, 'running' | 'usage'>;
  requests: RequestMeters;
  room: DiskRoom;
  /** Where minutes are kept. */
  dir: string;
  intervals?: Partial<Intervals> | undefined;
  /** Writes a line to Max's own log. */
  log(text: string): void;
}

/** Takes the figures of every app each second, keeps them, and tells who wants to know. */
export class Metrics {
  readonly totals = new AppTotals();
  readonly intervals: Intervals;
  readonly requests: RequestMeters;
  readonly #options: MetricsOptions;
  readonly #apps: MeasuredApps;
  readonly #history: History;
  readonly #files: MinuteFiles;
  readonly #backlog: MinuteBacklog;
  readonly #restarts = new RestartCounter();
  readonly #ticker: Ticker;
  readonly #followers = new Set<(snapshot: Snapshot) => void>();
  readonly #waiters = new SampleWaiters();
  readonly #stopped = new AbortController();
  #loading: Promise<void> | undefined;
  #last: Snapshot | undefined;
  /** The apps that it is of. */
  #measured: readonly MeasuredApp[] | undefined;
  #lookedAt = performance.now();
  /** When requests were counted last: a little later than that, which must not look as if there were more or fewer. */
  #countedAt = this.#lookedAt;
  /** The end of the minute that goes on. */
  #minute = 0;
  /** Why there are no figures now; empty where there are. */
  #failing = '';

  constructor(options: MetricsOptions) {
    this.#options = options;
    const { database, events, dir, room, log } = options;
    this.intervals = { ...INTERVALS, ...options.intervals };
    this.requests = options.requests;
    this.#history = new History(this.intervals);
    this.#files = new MinuteFiles(dir, room);
    this.#backlog = new MinuteBacklog({ files: this.#files, pointsOf: (at) => this.#minuteOf(at), log });
    this.#apps = new MeasuredApps(database, events, (id) => this.#forget(id));
    this.#ticker = new Ticker(
      this.intervals.sampleMs,
      (at) => this.#sample(at),
      (error) => this.#failed(error),
    );
  }

  /** Reads what an earlier Max has kept, and begins to measure. */
  start(): void {
    const known = new Set(this.#apps.all().map(({ id }) => id));
    const now = Date.now();
    const add = (at: number, points: MinutePoint[]): void => {
      // Of a clock that ran ahead: that time comes again.
      if (at > now) return;
      for (const [id, values] of points) if (known.has(id)) this.#history.addMinute(id, at, values);
    };
    const damaged = (text: string): void => this.#options.log(`minutes of figures are missing: ${text}`);
    this.#loading = this.#files
      .load({ add, damaged, signal: this.#stopped.signal })
      .catch((error: Error) => damaged(error.message))
      .then(() => this.#ticker.start());
  }

  /** Ends it. The minute that goes on is not kept. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#waiters.close();
    this.#followers.clear();
    this.#apps.close();
    await this.#loading;
    await this.#ticker.stop();
    this.#backlog.close();
    this.#files.close();
  }

  /** The figures of the last second; `undefined` in the first one of a Max, and where they cannot be taken. */
  get last(): Snapshot | undefined {
    return this.#failing === '' ? this.#last : undefined;
  }

  /**
   * The last ones; the next as soon as they are there, where apps came, changed or went since the last.
   *
   * @throws ProblemError `RIG_BUSY` (503) where they cannot be taken, or Max ends
   */
  async current(): Promise<Snapshot> {
    // What was being measured when it was asked for may be of the apps of before.
    for (let round = 0; round < 2 && this.#measured !== this.#apps.all(); round += 1) await this.#waiters.next();
    return this.last ?? this.#waiters.next();
  }

  /** Calls back with each new snapshot; gives a function that ends it. */
  follow(follower: (snapshot: Snapshot) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** The points of an app whose intervals end after `since` and not after `until`. */
  history(appId: string, resolution: Resolution, since: number, until: number): MetricsHistory {
    return this.#history.read(appId, resolution, since, until);
  }

  /** What an app used and answered in the last minute; `null` where nothing is known of it. */
  recent(appId: string): RecentMetrics | null {
    const { minuteMs } = this.intervals;
    const until = this.#last === undefined ? 0 : Date.parse(this.#last.at);
    const points = this.#history.values(appId, 1, until - minuteMs, until);
    if (points.length === 0) return null;
    const part = this.#partOf(until);
    const requests = this.requests.of(appId)?.between(part - MINUTE_PARTS + 1, part);
    const interval = minuteMs / 1000;
    const values = combinePoints(points, requests?.percentiles, interval);
    const { restarts: _, healthy: __, ...figures } = showPoint(until, values, interval);
    return figures;
  }

  async #sample(at: number): Promise<void> {
    const { runtime } = this.#options;
    const { minuteMs } = this.intervals;
    // A minute whose last second was left out.
    if (this.#minute !== 0 && this.#minute < at) this.#endMinute(this.#minute);
    this.#minute = Math.ceil(at / minuteMs) * minuteMs;
    const apps = this.#apps.all();
    const observed = apps.map((app) => ({ app, running: runtime.running(app.id) }));
    const leaders = observed.flatMap(({ running }) =>
      running.instances.flatMap(({ id, pid }) => (pid === null ? [] : [{ id, pid }])),
    );
    const now = performance.now();
    const elapsed = (now - this.#lookedAt) / 1000;
    const usages = await runtime.usage(leaders);
    // A look that failed leaves its use to the next one, and so its time.
    this.#lookedAt = now;
    // One that was deleted meanwhile must not come back.
    const left = this.#apps.all() === apps ? observed : observed.filter(({ app }) => this.#apps.has(app.id));
    const counted = performance.now();
    const seconds = (counted - this.#countedAt) / 1000;
    this.#countedAt = counted;
    const look = { at, usages, elapsed, seconds };
    const measured = left.map((one) => this.#measure(one, look));
    this.#last = { at: new Date(at).toISOString(), seconds: Math.round(seconds * 1000) / 1000, apps: measured };
    this.#measured = apps;
    this.#restarts.turn();
    if (at === this.#minute) this.#endMinute(at);
    this.#failing = '';
    this.#waiters.give(this.#last);
    for (const follower of [...this.#followers]) this.#tell(follower, this.#last);
  }

  /** What fails in one who hears of figures is no fault of theirs, and keeps them from nobody. */
  #tell(follower: (snapshot: Snapshot) => void, snapshot: Snapshot): void {
    try {
      follower(snapshot);
    } catch (error) {
      this.#options.log(`figures could not be told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #measure({ app, running }: { app: MeasuredApp; running: RunningApp }, look: Look): Snapshot['apps'][number] {
    const { at, usages, elapsed, seconds } = look;
    const requests = this.requests.of(app.id)?.turn(this.#partOf(at)) ?? NO_REQUESTS;
    const measured = takeFigures({ app, running, usages, requests, elapsed });
    const { figures } = measured;
    const restarts = this.#restarts.rise(running.instances);
    const cpuSeconds = running.instances.reduce((sum, { id }) => sum + (usages.get(id)?.cpuSeconds ?? 0), 0);
    this.totals.add(app.id, { cpuSeconds, restarts });
    this.#history.addSecond(app.id, at, pointValues({ ...figures, restarts, requests, seconds }));
    return measured;
  }

  #endMinute(at: number): void {
    this.#minute = 0;
    const last = this.#partOf(at);
    for (const { id } of this.#apps.all()) {
      const requests: RequestCounts | undefined = this.requests.of(id)?.between(last - MINUTE_PARTS + 1, last);
      this.#history.endMinute(id, at, requests?.percentiles);
    }
    this.#backlog.write(at);
  }

  /** The points of all apps of the minute that ends at a time. */
  #minuteOf(at: number): MinutePoint[] {
    return this.#apps.all().flatMap(({ id }): MinutePoint[] => {
      const [values] = this.#history.values(id, 60, at - 1, at);
      return values === undefined ? [] : [[id, values]];
    });
  }

  /** The part of a minute that a second is in, by its end. */
  #partOf(at: number): number {
    return Math.floor((at - 1) / (this.intervals.minuteMs / MINUTE_PARTS));
  }

  #forget(appId: string): void {
    this.requests.forget(appId);
    this.#history.forget(appId);
    this.totals.forget(appId);
  }

  /** What goes wrong is told once, not each second. */
  #failed(error: Error): void {
    if (this.#failing === '') this.#options.log(`figures cannot be taken: ${error.stack ?? error}`);
    this.#failing = error.message || 'unknown';
    this.#waiters.refuse(error);
  }
}

/** One look at everything that runs. */
interface Look extends Pick<Parameters<typeof takeFigures>[0], 'usages' | 'elapsed'> {
  at: number;
  /** Seconds since requests were counted before. */
  seconds: number;
}
