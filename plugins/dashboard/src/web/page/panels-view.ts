import type { DashboardPanel, PanelSeries } from '../../model/panel.ts';
import { el } from './dom.ts';
import { NONE, plain } from './format.ts';
import { Spark } from './spark.ts';

/** Panels of plugins: lines of text, then a table, then graphs. What they say is text and nothing else. */
export class PanelsView {
  readonly node = el('div', { className: 'panels', hidden: true });
  #shown = '';

  /** Shows them as they are now. */
  show(panels: readonly DashboardPanel[]): void {
    const shown = JSON.stringify(panels);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.node.hidden = panels.length === 0;
    this.node.replaceChildren(...panels.map(panelNode));
  }
}

function panelNode({ title, text = [], table, series = [] }: DashboardPanel): HTMLElement {
  const body = el('div', { className: 'panel-body' });
  if (text.length > 0) body.append(el('pre', { textContent: text.map(plain).join('\n') }));
  if (table) body.append(tableNode(table));
  body.append(...series.map(seriesNode));
  const heading = el('div', { className: 'bar' }, el('h2', { textContent: plain(title) }));
  return el('section', { className: 'panel', attrs: { 'aria-label': plain(title) } }, heading, body);
}

function tableNode({ columns, rows }: NonNullable<DashboardPanel['table']>): HTMLElement {
  const isNumeric = columns.map((_, index) => rows.every((row) => typeof row[index] === 'number'));
  const css = (index: number): string => (isNumeric[index] ? 'number' : '');
  const head = columns.map((name, index) =>
    el('th', { textContent: plain(name), scope: 'col', className: css(index) }),
  );
  const lines = rows.map((row) =>
    el(
      'tr',
      {},
      ...columns.map((_, index) => el('td', { textContent: plain(String(row[index] ?? NONE)), className: css(index) })),
    ),
  );
  return el('table', {}, el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...lines));
}

function seriesNode({ label, values, text = '' }: PanelSeries): HTMLElement {
  const spark = new Spark();
  spark.draw(values, values.length);
  return el(
    'div',
    { className: 'panel-series' },
    el('span', { className: 'label', textContent: plain(label), title: plain(label) }),
    spark.node,
    el('span', { className: 'number', textContent: plain(text) }),
  );
}
