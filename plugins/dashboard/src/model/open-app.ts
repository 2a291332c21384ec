import { type Http, isPassing, LiveTopic, type Socket } from '@rig/plugin-api';
import {
  type AppStatus,
  appPath,
  type InstanceMetrics,
  type LogLine,
  type MetricsHistory,
  type MetricsSample,
} from '@rig/plugin-api/max';
import { PAST_MS } from './past.ts';
import { RecentLines } from './recent-lines.ts';
import { Series, type SeriesValues, secondOf } from './series.ts';
import { SPANS, type Span } from './spans.ts';

/** What is opened, and with what. */
export interface OpenAppOptions {
  http: Http;
  socket: Socket;
  app: { id: string; app: string; network: string };
  /** What is known already of its last seconds, up to `second`. */
  known?: SeriesValues | undefined;
  second: number;
  /** Milliseconds after which what its graphs lack is asked for again. */
  pastMs?: number | undefined;
  /** Told when there is something new. */
  onChange: () => void;
  signal: AbortSignal;
}

const HOUR = 3600;
const DAY_MINUTES = 1440;
const LINES = 500;
const ASK_MS = 5000;
/** How often its state is asked for although nothing says that it has changed. */
const STATUS_MS = 15_000;

/** One app looked at closely: its instances, what it did in the last hours, the last lines of its log. */
export class OpenApp {
  /** As it is called now: another name is the same app. */
  app: OpenAppOptions['app'];
  readonly #options: OpenAppOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #seconds = new Series(HOUR);
  readonly #minutes = new Series(DAY_MINUTES);
  readonly #lines: RecentLines;
  /** Spans that are looked at and have not come yet: asked for until they have. */
  readonly #wanted = new Set<Span>();
  #loading = false;
  #triedAt = 0;
  #loadedSeconds = 0;
  /** Milliseconds since 1970 by the clock of Max, once a sample has told them. */
  #now = 0;
  /** The last minute that the day is known up to. */
  #minute = 0;
  #pastVersion = 0;
  #instances: readonly InstanceMetrics[] = [];
  #status: AppStatus | undefined;
  #statusFor = '';
  #statusAt = 0;
  #asking = false;
  #trouble: string | null = null;

  constructor(options: OpenAppOptions) {
    const { app, signal, socket, onChange } = options;
    this.app = app;
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#lines = new RecentLines({ socket, appId: app.id, most: LINES, onChange, signal: this.#signal });
    if (options.known !== undefined) this.#seconds.fill(options.second, options.known);
    const tell = (error: unknown): void => this.#fail(error);
    void this.#followFigures().catch(tell);
    void this.#lines.follow().catch(tell);
    this.load('15m');
    this.#askStatus();
  }

  /** Rises each time that more of its past has come. */
  get pastVersion(): number {
    return this.#pastVersion;
  }

  /** Its instances with their figures of the last second. */
  get instances(): readonly InstanceMetrics[] {
    return this.#instances;
  }

  /** Its URL, deployment and so on; `undefined` until Max has answered. */
  get status(): AppStatus | undefined {
    return this.#status;
  }

  /** The last lines of its log, oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines.lines;
  }

  /** Why something of it cannot be shown, for a person. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Its figures over a span that ends with `second`: see {@link resolutionOf}. */
  figures(span: Span, second: number): SeriesValues {
    if (span !== '24h') return this.#seconds.readAll(second, SPANS[span]);
    return this.#minutes.readAll(Math.floor(second / 60), DAY_MINUTES);
  }

  /** Its figures of that one second. */
  newest(second: number): SeriesValues {
    return this.#seconds.readAll(second, 1);
  }

  /** Asks for what a span needs and is not there yet, again and again until it has come. */
  load(span: Span): void {
    if (this.#isLoaded(span)) return;
    this.#wanted.add(span);
    void this.#loadWanted();
  }

  /** Takes the app's figures of the second just past, which came with those of all apps. */
  add(sample: MetricsSample): void {
    const figures = sample.apps.find(({ id }) => id === this.app.id);
    const second = secondOf(sample.at);
    this.#now = second * 1000;
    if (figures !== undefined) {
      this.#seconds.add(second, figures, sample.seconds);
      this.app = { id: figures.id, app: figures.app, network: figures.network };
    }
    // Samples tell of seconds alone: a minute that has ended is asked for.
    if (this.#minute !== 0 && Math.floor(second / 60) > this.#minute) this.#wanted.add('24h');
    const { pastMs = PAST_MS } = this.#options;
    if (this.#wanted.size > 0 && performance.now() - this.#triedAt >= pastMs) void this.#loadWanted();
    this.#askStatus();
  }

  #isLoaded(span: Span): boolean {
    return span === '24h' ? this.#minute !== 0 : this.#loadedSeconds >= SPANS[span];
  }

  async #loadWanted(): Promise<void> {
    if (this.#loading || this.#signal.aborted) return;
    this.#loading = true;
    try {
      // One that is wanted meanwhile comes along.
      for (const span of this.#wanted) {
        if (span === '24h' || !this.#isLoaded(span)) await this.#loadSpan(span);
        this.#wanted.delete(span);
      }
    } catch (error) {
      if (!isPassing(error)) this.#wanted.clear();
      this.#fail(error);
    } finally {
      this.#loading = false;
      this.#triedAt = performance.now();
    }
  }

  async #loadSpan(span: Span): Promise<void> {
    const isDay = span === '24h';
    const now = this.#now || Date.now();
    // Of a day that is known up to a minute only what follows is asked for, and the minute that had hardly ended then.
    const from = isDay && this.#minute !== 0 ? (this.#minute - 2) * 60_000 : now - SPANS[span] * 1000;
    const query = { resolution: isDay ? 60 : 1, since: new Date(from).toISOString() };
    const path = `${appPath(this.app)}/metrics`;
    const { points } = await this.#options.http.get<MetricsHistory>(path, { query, signal: this.#signal });
    for (const point of points)
      if (isDay) this.#minutes.add(Math.floor(secondOf(point.at) / 60), point, point.seconds);
      else this.#seconds.add(secondOf(point.at), point, point.seconds);
    if (isDay) this.#minute = Math.floor(now / 60_000);
    else this.#loadedSeconds = SPANS[span];
    this.#pastVersion += 1;
    this.#options.onChange();
  }

  /** Leaves its topics. */
  close(): void {
    this.#stop.abort();
  }

  async #followFigures(): Promise<void> {
    const { socket, app, onChange } = this.#options;
    const queue = { overflow: 'drop-oldest', mostUnread: 4 } as const;
    const topic = `metrics:app:${app.id}`;
    const live = new LiveTopic({ socket, topic, params: () => ({}), queue, signal: this.#signal });
    for (;;) {
      const news = await live.next({ deadMs: 60_000 });
      if (this.#signal.aborted) return;
      if (news.kind === 'failed' && !isPassing(news.error)) throw news.error;
      if (news.kind !== 'event') continue;
      const payload = news.payload as MetricsSample | { sample: MetricsSample | null } | null;
      const sample =
        news.event === 'sample' ? (payload as MetricsSample) : (payload as { sample?: MetricsSample })?.sample;
      const instances = sample?.apps?.[0]?.instances;
      if (instances === undefined) continue;
      this.#instances = instances;
      onChange();
    }
  }

  /** Asks how the app fares, once something of its instances has changed and from time to time. */
  #askStatus(): void {
    const shape = this.#instances.map(({ name, state, restarts }) => `${name} ${state} ${restarts}`).join();
    const isDue = shape !== this.#statusFor || performance.now() - this.#statusAt > STATUS_MS || this.#statusAt === 0;
    if (this.#asking || !isDue || this.#signal.aborted) return;
    this.#asking = true;
    const { http, onChange } = this.#options;
    http
      .get<AppStatus>(`${appPath(this.app)}/status`, { signal: this.#signal, timeout: ASK_MS })
      .then(
        (status) => {
          this.#status = status;
          this.#trouble = null;
          onChange();
        },
        (error: unknown) => this.#fail(error),
      )
      .finally(() => {
        this.#asking = false;
        this.#statusFor = shape;
        this.#statusAt = performance.now();
      });
  }

  #fail(error: unknown): void {
    // What passes is told by the dashboard's connection.
    if (this.#signal.aborted || isPassing(error)) return;
    this.#trouble = (error as Error).message;
    this.#options.onChange();
  }
}
