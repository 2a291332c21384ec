import { setTimeout as delay } from 'node:timers/promises';
import type { Http, Services, Socket, Target } from '@rig/plugin-api';
import type { MetricsSample, Network, WhoAmI } from '@rig/plugin-api/max';
import { networkPath } from '@rig/plugin-api/max';
import { appFilter } from './filter.ts';
import { OpenApp } from './open-app.ts';
import type { DashboardPanel } from './panel.ts';
import { askPanels, refreshMs } from './panels.ts';
import { readPast } from './past.ts';
import { RecentEvents } from './recent-events.ts';
import { followSamples, type SamplesOptions } from './samples.ts';
import { Series, type SeriesValues, secondOf } from './series.ts';
import { appsOf, type Connection, type DashboardApp, type DashboardSnapshot, totalsOf } from './snapshot.ts';

/** What of everything is shown. */
export interface DashboardSelection {
  /** Only apps of this network. */
  network?: string | undefined;
  /** Only apps that this filter lets through: see {@link appFilter}. */
  filter?: string | undefined;
}

/** Seconds of each app's figures that are kept. */
export const KEPT_SECONDS = 120;
const EVENTS = 200;
/** With the wait for a sample before it, a Max that hangs is told within 10 seconds. */
const ASK_MS = 4000;
/** Milliseconds between two questions for panels while the past is still on its way. */
const SOON_MS = 1000;
/** Of so many apps what they did before is asked for. */
const PAST_APPS = 60;

/** Makes a question for the last sample, of one network or of all. */
export function sampleReader(http: Http, network: string | undefined): (signal: AbortSignal) => Promise<MetricsSample> {
  return async (signal) => {
    const sample = await http.get<MetricsSample>('/v1/metrics', { signal, timeout: ASK_MS });
    return network === undefined ? sample : { ...sample, apps: sample.apps.filter((app) => app.network === network) };
  };
}

/** Shorter waits, for tests. */
interface Timing extends Pick<SamplesOptions, 'quietMs' | 'pollMs' | 'joinMs'> {
  pastMs?: number;
}

interface Parts {
  http: Http;
  socket: Socket;
  target: Target;
  user: string;
  topic: string;
  selection: DashboardSelection;
  timing: Timing;
  fire: Services['fire'];
  signal: AbortSignal;
}

/** The model of the dashboard: all figures and events, kept up to date; knows nothing of how they are shown. */
export class LiveDashboard {
  readonly #parts: Parts;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #events: RecentEvents;
  readonly #series = new Map<string, Series>();
  readonly #listeners = new Set<() => void>();
  readonly #opened = new Set<OpenApp>();
  readonly #passes: (app: DashboardApp) => boolean;
  #sample: MetricsSample | undefined;
  #second = 0;
  #pastVersion = 0;
  #isPastDue = true;
  #connection: Connection = { state: 'connecting', reason: null, since: new Date().toISOString() };
  #snapshot: DashboardSnapshot | undefined;
  #waiting = false;
  #panels: readonly DashboardPanel[] = [];

  /** Resolves with `undefined` when it was stopped, rejects with what no patience can mend. */
  readonly ended: Promise<void>;

  private constructor(parts: Parts, first: MetricsSample) {
    this.#parts = parts;
    this.#signal = AbortSignal.any([parts.signal, this.#stop.signal]);
    const { http, socket, topic, selection } = parts;
    this.#passes = appFilter(selection.filter ?? '');
    this.#take(first);
    const signal = this.#signal;
    const onChange = (): void => this.#changed();
    const query: Record<string, string> = topic.startsWith('network:') ? { network: topic.slice(8) } : {};
    this.#events = new RecentEvents({ http, socket, topic, query, most: EVENTS, onChange, signal });
    this.ended = Promise.race([this.#follow(), this.#events.follow()]).finally(() => this.stop());
    this.ended.catch(() => {});
    void this.#askPanels();
    void this.#readPast().then(() => {
      this.#isPastDue = false;
    });
  }

  /**
   * Asks Max who the user is and for the first figures, then follows them.
   *
   * @throws RigError of signing in, of the network's name, or `RIG_UNREACHABLE`
   */
  static async start(
    services: Pick<Services, 'config' | 'http' | 'socket' | 'signal' | 'fire'>,
    selection: DashboardSelection = {},
    timing: Timing = {},
  ): Promise<LiveDashboard> {
    const { signal } = services;
    const [config, http] = await Promise.all([services.config(), services.http()]);
    const { network } = selection;
    const [{ user }, first, scope] = await Promise.all([
      http.get<WhoAmI>('/v1/whoami', { signal }),
      sampleReader(http, network)(signal),
      network === undefined ? undefined : http.get<Network>(networkPath(network), { signal }),
    ]);
    const topic = scope === undefined ? `user:${user.id}` : `network:${scope.id}`;
    const socket = await services.socket();
    const target = config.target();
    return new LiveDashboard(
      { http, socket, target, user: user.name, topic, selection, timing, fire: services.fire, signal },
      first,
    );
  }

  /** Everything as it is now; the same object until something changes. */
  snapshot(): DashboardSnapshot {
    this.#snapshot ??= this.#build();
    return this.#snapshot;
  }

  /** Calls back when the snapshot has changed, once for changes that come together; gives a function that stops it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Number of the second that the newest figures are of: where graphs end. */
  get second(): number {
    return this.#second;
  }

  /** Rises each time that more has come of what the apps did before this began. */
  get pastVersion(): number {
    return this.#pastVersion;
  }

  /** Figures of an app of the last `seconds`, oldest first, `NaN` where there are none; at most {@link KEPT_SECONDS}. */
  series(appId: string, seconds = KEPT_SECONDS): SeriesValues | undefined {
    return this.#series.get(appId)?.readAll(this.#second, seconds);
  }

  /** One figure of it, for a small graph. */
  figure(appId: string, figure: keyof SeriesValues, seconds: number): number[] {
    return this.#series.get(appId)?.read(figure, this.#second, seconds) ?? [];
  }

  /** Looks at one app closely, until its `close` is called. */
  open(app: Pick<DashboardApp, 'id' | 'app' | 'network'>): OpenApp {
    const { http, socket } = this.#parts;
    const onChange = (): void => this.#changed();
    const opened = new OpenApp({
      http,
      socket,
      app,
      onChange,
      signal: this.#signal,
      known: this.series(app.id),
      second: this.#second,
      pastMs: this.#parts.timing.pastMs,
    });
    this.#opened.add(opened);
    const { close } = opened;
    opened.close = () => {
      this.#opened.delete(opened);
      close.call(opened);
    };
    return opened;
  }

  /** Leaves all topics. */
  stop(): void {
    this.#stop.abort();
  }

  async #follow(): Promise<void> {
    const { socket, topic, http, selection, timing } = this.#parts;
    const ask = sampleReader(http, selection.network);
    const tell = (state: Connection['state'], reason: string | null): void => this.#tell(state, reason);
    const samples = followSamples({
      ...timing,
      ...{ socket, topic: `metrics:${topic}`, read: () => ask(this.#signal), tell, signal: this.#signal },
    });
    for await (const sample of samples) this.#take(sample);
  }

  /** What the apps did before: graphs are full at once. Of so many as are looked at first. */
  #readPast(): Promise<void> {
    const { http, timing } = this.#parts;
    return readPast({
      ...{ http, signal: this.#signal, pastMs: timing.pastMs },
      apps: this.snapshot()
        .apps.filter(({ release }) => release !== null)
        .slice(0, PAST_APPS),
      since: new Date((this.#second - KEPT_SECONDS) * 1000).toISOString(),
      take: ({ id }, points) => {
        for (const point of points) this.#series.get(id)?.add(secondOf(point.at), point, point.seconds);
        this.#changed();
      },
      came: () => {
        this.#pastVersion += 1;
        this.#isPastDue = false;
        this.#changed();
      },
    });
  }

  /** Panels now, and anew for as long as this goes on. */
  async #askPanels(): Promise<void> {
    const { fire } = this.#parts;
    const series = (appId: string): SeriesValues | undefined => this.series(appId);
    while (!this.#signal.aborted) {
      const pastVersion = this.#pastVersion;
      const panels = await askPanels(fire, { snapshot: this.snapshot(), series }).catch(() => this.#panels);
      if (panels.length > 0 || this.#panels.length > 0) {
        this.#panels = panels;
        this.#changed();
      }
      // Made of what is known of the first second alone, they are made again once the past is there.
      const isEarly = this.#isPastDue || this.#pastVersion !== pastVersion;
      const ms = isEarly ? Math.min(SOON_MS, refreshMs(panels)) : refreshMs(panels);
      await delay(ms, undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  #tell(state: Connection['state'], reason: string | null): void {
    if (this.#connection.state === state && this.#connection.reason === reason) return;
    this.#connection = { state, reason, since: new Date().toISOString() };
    this.#changed();
  }

  #take(sample: MetricsSample): void {
    // A Max that has only begun to run has no second to tell of yet.
    if (Number.isNaN(secondOf(sample.at))) return;
    this.#sample = sample;
    this.#second = secondOf(sample.at);
    const left = new Set(this.#series.keys());
    for (const app of sample.apps) {
      left.delete(app.id);
      let series = this.#series.get(app.id);
      if (series === undefined) {
        series = new Series(KEPT_SECONDS);
        this.#series.set(app.id, series);
      }
      series.add(this.#second, app, sample.seconds);
    }
    for (const id of left) this.#series.delete(id);
    for (const opened of this.#opened) opened.add(sample);
    this.#changed();
  }

  #build(): DashboardSnapshot {
    const { target, user, selection } = this.#parts;
    const all = this.#sample === undefined ? [] : appsOf(this.#sample);
    const apps = selection.filter ? all.filter(this.#passes) : all;
    return {
      at: this.#sample?.at ?? null,
      context: target.context ?? null,
      server: target.server,
      user,
      network: selection.network ?? null,
      filter: selection.filter ?? null,
      connection: this.#connection,
      totals: totalsOf(apps),
      apps,
      events: [...this.#events.events],
      panels: [...this.#panels],
    };
  }

  /** Tells once of what changes together: figures of an app and of all apps come at the same moment. */
  #changed(): void {
    this.#snapshot = undefined;
    if (this.#waiting || this.#signal.aborted) return;
    this.#waiting = true;
    setImmediate(() => {
      this.#waiting = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
