import { COLUMNS } from './columns.ts';
import { el, setAttr, setText } from './dom.ts';
import { appHash } from './route.ts';
import { Spark } from './spark.ts';
import { StateBadge } from './state-badge.ts';
import { appLook } from './states.ts';
import type { ListedApp } from './store.ts';

/** A row of the list: only what has changed of it is touched. */
export class RowView {
  readonly node: HTMLElement;
  readonly #name = el('a', { className: 'app-name', tabIndex: -1 });
  readonly #network = el('span', { className: 'network' });
  readonly #state = new StateBadge();
  readonly #cells = COLUMNS.map(({ key, title }) =>
    el('div', { className: `cell number ${key}`, attrs: { role: 'gridcell', 'data-title': title } }),
  );
  readonly #spark = new Spark();
  /** Whether it is on the screen: the graph of one that is not is not drawn. */
  isSeen = false;
  listed: ListedApp;

  constructor(listed: ListedApp) {
    this.listed = listed;
    const { app, network } = listed.app;
    setText(this.#name, app);
    this.#name.href = appHash({ app, network });
    setText(this.#network, network);
    this.node = el(
      'div',
      { className: 'row', tabIndex: -1, id: `row-${listed.app.id}`, attrs: { role: 'row' } },
      el('div', { className: 'cell name', attrs: { role: 'gridcell' } }, this.#name, this.#network),
      el('div', { className: 'cell status', attrs: { role: 'gridcell' } }, this.#state.node),
      ...this.#cells,
      el('div', { className: 'cell graph', attrs: { role: 'gridcell', 'aria-hidden': 'true' } }, this.#spark.node),
    );
  }

  /** Shows the figures as they are now. */
  update(listed: ListedApp): void {
    this.listed = listed;
    this.#state.set(appLook(listed.app.state));
    setText(this.#name, listed.app.app);
    setText(this.#network, listed.app.network);
    COLUMNS.forEach(({ text, tone }, index) => {
      const cell = this.#cells[index] as HTMLElement;
      setText(cell, text(listed));
      if (tone) setAttr(cell, 'data-tone', tone(listed));
    });
    if (this.isSeen) this.#spark.draw(listed.minute.requests);
  }
}
