import { whyNothingRuns } from '../../model/first-steps.ts';
import { FIGURES } from '../../model/series.ts';
import { SPANS, type Span } from '../../model/spans.ts';
import type { AppName, Figures, ServerMessage } from '../protocol.ts';
import { ChartView, type TimeAxis } from './chart-view.ts';
import { CHARTS } from './charts.ts';
import { el, setAttr, setText } from './dom.ts';
import { formatTime, NONE, plain } from './format.ts';
import { InstancesView } from './instances-view.ts';
import { LogView } from './log-view.ts';
import { StateBadge } from './state-badge.ts';
import { appLook } from './states.ts';
import type { ListedApp } from './store.ts';

/** One app: its graphs, instances and log. */
export class AppView {
  readonly node: HTMLElement;
  readonly app: AppName;
  readonly #onSpan: (span: Span) => void;
  readonly #badge = new StateBadge();
  readonly #release = el('span', { className: 'fact' });
  readonly #url = el('a', { className: 'fact url', target: '_blank', rel: 'noopener noreferrer', hidden: true });
  readonly #deployment = el('span', { className: 'fact' });
  readonly #trouble = el('p', { className: 'trouble', hidden: true, attrs: { role: 'status' } });
  readonly #spans = new Map<Span, HTMLButtonElement>();
  readonly #charts = CHARTS.map((chart) => new ChartView(chart));
  readonly #instances = new InstancesView();
  readonly #log = new LogView();
  readonly #title = el('h1', { tabIndex: -1 });
  /** The span that its graphs show. */
  span: Span = '5m';
  #figures: Figures | undefined;
  #end = 0;
  #resolution: 1 | 60 = 1;

  constructor(app: AppName, onSpan: (span: Span) => void) {
    this.app = app;
    this.#onSpan = onSpan;
    this.#title.append(
      el('span', { textContent: app.app }),
      el('span', { className: 'network', textContent: `.${app.network}` }),
    );
    const spans = el('div', { className: 'spans', attrs: { role: 'group', 'aria-label': 'Span of the graphs' } });
    for (const span of Object.keys(SPANS) as Span[]) {
      const button = el('button', { type: 'button', textContent: span });
      button.addEventListener('click', () => this.setSpan(span));
      this.#spans.set(span, button);
      spans.append(button);
    }
    this.#showSpan(this.span);
    this.node = el(
      'article',
      { className: 'app-view' },
      el('a', { className: 'back', href: '#/', textContent: '← All apps' }),
      el(
        'header',
        { className: 'app-head' },
        this.#title,
        this.#badge.node,
        this.#release,
        this.#deployment,
        this.#url,
        spans,
      ),
      this.#trouble,
      el('div', { className: 'charts' }, ...this.#charts.map(({ node }) => node)),
      el('div', { className: 'app-parts' }, this.#instances.node, this.#log.node),
    );
  }

  /** Puts the focus where a reader of the screen begins. */
  focus(): void {
    this.#title.focus({ preventScroll: true });
  }

  /** Shows another span of time. */
  setSpan(span: Span): void {
    this.#showSpan(span);
    this.#onSpan(span);
  }

  /** Shows the span with that number, counted from 1. */
  setSpanNumber(number: number): void {
    const span = [...this.#spans.keys()][number - 1];
    if (span) this.setSpan(span);
  }

  /** Shows what the list knows of it. */
  showListed(listed: ListedApp | undefined): void {
    if (listed === undefined) return;
    this.#badge.set(appLook(listed.app.state));
    const { release, healthy, wanted } = listed.app;
    this.#instances.explain(...whyNothingRuns(listed.app, `${this.app.app}.${this.app.network}`));
    const serves = release === null ? 'no release yet' : `release v${release}`;
    setText(this.#release, `${serves} · ${healthy} of ${wanted} ${wanted === 1 ? 'instance' : 'instances'} healthy`);
  }

  /** Takes what the server says of it. */
  take(message: ServerMessage): void {
    if (message.type === 'app') this.#showDetail(message);
    else if (message.type === 'figures') {
      this.#figures = message.figures;
      this.#end = message.end;
      this.#resolution = message.resolution;
      this.#draw();
    } else if (message.type === 'next' && this.#figures) {
      for (const figure of FIGURES) {
        this.#figures[figure].shift();
        this.#figures[figure].push(message.figures[figure]);
      }
      this.#end = message.end;
      this.#draw();
    } else if (message.type === 'log') this.#log.add(message.lines, message.isFirst);
  }

  /** Draws the graphs in other colours. */
  recolour(): void {
    for (const chart of this.#charts) chart.recolour();
  }

  /** Takes it away. */
  close(): void {
    for (const chart of this.#charts) chart.close();
    this.#log.close();
    this.node.remove();
  }

  #draw(): void {
    const figures = this.#figures;
    if (figures === undefined || document.hidden) return;
    const { length } = figures.requests;
    const resolution = this.#resolution;
    const times = Array.from({ length }, (_, index) => (this.#end - length + 1 + index) * resolution);
    const axis: TimeAxis = { times, resolution };
    for (const chart of this.#charts) chart.show(figures, axis);
  }

  #showDetail({ detail }: Extract<ServerMessage, { type: 'app' }>): void {
    const { url, instances, deployment, trouble } = detail;
    this.#instances.show(instances);
    this.#url.hidden = !isWebAddress(url);
    if (isWebAddress(url)) {
      setText(this.#url, url);
      setAttr(this.#url, 'href', url);
    }
    setText(
      this.#deployment,
      deployment === null ? '' : `last deployment ${plain(deployment.state)} at ${formatTime(deployment.at)}`,
    );
    this.#deployment.title = plain(deployment?.reason ?? '');
    this.#trouble.hidden = trouble === null;
    setText(this.#trouble, trouble === null ? NONE : plain(trouble));
  }

  #showSpan(span: Span): void {
    this.span = span;
    for (const [name, button] of this.#spans) setAttr(button, 'aria-pressed', name === span ? 'true' : 'false');
  }
}

/** An address that may become a link: never one that a browser would run. */
function isWebAddress(url: string | null): url is string {
  return url !== null && /^https?:\/\//.test(url);
}
