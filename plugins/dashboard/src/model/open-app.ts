import { type Http, isPassing, LiveTopic, type Socket } from '@rig/plugin-api';
import {
  type AppStatus,
  appPath,
  type InstanceMetrics,
  type LogLine,
  type MetricsHistory,
  type MetricsSample,
} from '@rig/plugin-api/max';
import { RecentLines } from './recent-lines.ts';
import { Series, type SeriesValues, secondOf } from './series.ts';

/** Spans of time that graphs can show, by their names. */
export const SPANS = { '5m': 300, '15m': 900, '1h': 3600, '24h': 86_400 } as const;

/** One of {@link SPANS}. */
export type Span = keyof typeof SPANS;

/** What is opened, and with what. */
export interface OpenAppOptions {
  http: Http;
  socket: Socket;
  app: { id: string; app: string; network: string };
  /** What is known already of its last seconds, up to `second`. */
  known?: SeriesValues | undefined;
  second: number;
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
  readonly app: OpenAppOptions['app'];
  readonly #options: OpenAppOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #seconds = new Series(HOUR);
  readonly #minutes = new Series(DAY_MINUTES);
  readonly #lines: RecentLines;
  #loadedSeconds = 0;
  #loadedMinutes = false;
  /** The minute that it was last asked for the day in. */
  #minute = 0;
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
    void this.load('15m');
    this.#askStatus();
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

  /** Its figures over a span that ends with `second`: by the second up to an hour, by the minute for a day. */
  figures(span: Span, second: number): { resolution: 1 | 60; values: SeriesValues } {
    if (span !== '24h') return { resolution: 1, values: this.#seconds.readAll(second, SPANS[span]) };
    return { resolution: 60, values: this.#minutes.readAll(Math.floor(second / 60), DAY_MINUTES) };
  }

  /** Asks for what a span needs and is not there yet. */
  async load(span: Span): Promise<void> {
    const isDay = span === '24h';
    if (isDay ? this.#loadedMinutes : this.#loadedSeconds >= SPANS[span]) return;
    try {
      const since = new Date(Date.now() - SPANS[span] * 1000).toISOString();
      const query = { resolution: isDay ? 60 : 1, since };
      const path = `${appPath(this.app)}/metrics`;
      const { points } = await this.#options.http.get<MetricsHistory>(path, { query, signal: this.#signal });
      for (const point of points)
        if (isDay) this.#minutes.add(Math.floor(secondOf(point.at) / 60), point, 60);
        else this.#seconds.add(secondOf(point.at), point);
      if (isDay) {
        this.#loadedMinutes = true;
        this.#minute = Math.floor(Date.now() / 60_000);
      } else this.#loadedSeconds = SPANS[span];
      this.#options.onChange();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Takes the app's figures of the second just past, which came with those of all apps. */
  add(sample: MetricsSample): void {
    const figures = sample.apps.find(({ id }) => id === this.app.id);
    const second = secondOf(sample.at);
    if (figures !== undefined) this.#seconds.add(second, figures);
    this.#askMinute(Math.floor(second / 60));
    this.#askStatus();
  }

  /** Asks for the day again where another minute has ended: samples tell of seconds alone. */
  #askMinute(minute: number): void {
    if (!this.#loadedMinutes || minute === this.#minute) return;
    this.#minute = minute;
    this.#loadedMinutes = false;
    void this.load('24h');
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
