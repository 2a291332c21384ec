import type { LiveDashboard } from '../model/live-dashboard.ts';
import type { OpenApp } from '../model/open-app.ts';
import { FIGURES, type Figure, type SeriesValues } from '../model/series.ts';
import { resolutionOf, type Span } from '../model/spans.ts';
import { plainNumber, write } from './board.ts';
import type { AppName, Figures } from './protocol.ts';
import type { SharedApps } from './shared-apps.ts';

/** What one tab is told of the app that it shows: each time only what it lacks. */
export class AppFeed {
  readonly #model: LiveDashboard;
  readonly #apps: SharedApps;
  readonly #app: AppName;
  readonly #view: number;
  #opened: OpenApp | undefined;
  #span: Span = '5m';
  /** What the figures were sent for, and of which interval the newest were. */
  #sentFor = '';
  #end = 0;
  #seq = 0;
  #detail = '';
  #isClosed = false;

  constructor(model: LiveDashboard, apps: SharedApps, app: AppName, view: number) {
    this.#model = model;
    this.#apps = apps;
    this.#app = app;
    this.#view = view;
  }

  /** The graphs show another span. */
  show(span: Span): void {
    this.#span = span;
    this.#open()?.load(span);
  }

  /** The messages that the tab lacks now. */
  news(): string[] {
    const opened = this.#open();
    const messages = [this.#detailNews(opened)];
    if (opened !== undefined) messages.push(this.#figureNews(opened), this.#logNews(opened));
    return messages.filter((message) => message !== undefined);
  }

  /** The tab shows something else. */
  close(): void {
    this.#isClosed = true;
    if (this.#opened) this.#apps.close(this.#opened);
    this.#opened = undefined;
  }

  /** The app, once it is there: a page may be older than an app that was deleted, or made anew. */
  #open(): OpenApp | undefined {
    const { app, network } = this.#app;
    const found = this.#model.snapshot().apps.find((one) => one.app === app && one.network === network);
    if (this.#isClosed || this.#opened?.app.id === found?.id) return this.#opened;
    if (this.#opened) this.#apps.close(this.#opened);
    this.#opened = found && this.#apps.open(found);
    this.#opened?.load(this.#span);
    this.#sentFor = '';
    this.#seq = 0;
    return this.#opened;
  }

  #detailNews(opened: OpenApp | undefined): string | undefined {
    const { status, instances = [], trouble = null } = opened ?? {};
    const { deployment } = status ?? {};
    const detail = {
      state: status?.app.state ?? null,
      url: status?.app.url ?? null,
      instances,
      deployment: deployment ? { state: deployment.state, at: deployment.at, reason: deployment.reason } : null,
      trouble: opened === undefined ? `there is no app ${this.#app.app}.${this.#app.network} any more` : trouble,
    };
    const text = write({ type: 'app', view: this.#view, detail });
    if (text === this.#detail) return undefined;
    this.#detail = text;
    return text;
  }

  #figureNews(opened: OpenApp): string | undefined {
    const span = this.#span;
    const { second } = this.#model;
    const resolution = resolutionOf(span);
    const end = Math.floor(second / resolution);
    const wanted = `${span} ${opened.pastVersion}`;
    if (this.#sentFor === wanted && this.#end === end) return undefined;
    const isNext = this.#sentFor === wanted && this.#end === end - 1 && resolution === 1;
    this.#sentFor = wanted;
    this.#end = end;
    if (isNext) return write({ type: 'next', view: this.#view, end, figures: lastOf(opened.newest(second)) });
    const figures = columnsOf(opened.figures(span, second));
    return write({ type: 'figures', view: this.#view, span, resolution, end, figures });
  }

  #logNews(opened: OpenApp): string | undefined {
    const lines = opened.lines.filter(({ seq }) => seq > this.#seq);
    const last = lines.at(-1);
    if (last === undefined) return undefined;
    const isFirst = this.#seq === 0;
    this.#seq = last.seq;
    return write({ type: 'log', view: this.#view, isFirst, lines });
  }
}

const columnsOf = (values: SeriesValues): Figures =>
  Object.fromEntries(FIGURES.map((figure) => [figure, values[figure].map(plainNumber)])) as Figures;

const lastOf = (values: SeriesValues): Record<Figure, number | null> =>
  Object.fromEntries(FIGURES.map((figure) => [figure, plainNumber(values[figure].at(-1) ?? Number.NaN)])) as Record<
    Figure,
    number | null
  >;
