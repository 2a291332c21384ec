import { appFilter } from '../../model/filter.ts';
import { firstSteps } from '../../model/first-steps.ts';
import type { AppName } from '../protocol.ts';
import { COLUMNS } from './columns.ts';
import { el, setAttr, setText } from './dom.ts';
import { plain } from './format.ts';
import { type Order, sorted } from './order.ts';
import { RowView } from './row-view.ts';
import type { ListedApp, Store } from './store.ts';

/** Milliseconds for which an order holds, whatever the figures do. */
const SORT_MS = 3000;

/** What the whole dashboard is narrowed to. */
export interface Scope {
  network: string | null;
  filter: string | null;
}

/** The list of all apps: a grid with one row an app, which arrows walk and Enter opens. */
export class ListView {
  readonly node: HTMLElement;
  readonly #store: Store;
  readonly #open: (listed: ListedApp) => void;
  readonly #body = el('div', { className: 'rows', attrs: { role: 'rowgroup' } });
  readonly #empty = el('div', { className: 'empty', hidden: true });
  readonly #grid: HTMLElement;
  readonly #tools: HTMLElement;
  #scope: Scope = { network: null, filter: null };
  #why = '';
  readonly #count = el('span', { className: 'count', attrs: { role: 'status' } });
  readonly #headers = new Map<Order['key'], HTMLElement>();
  readonly #rows = new Map<string, RowView>();
  readonly #filter = el('input', {
    type: 'search',
    className: 'filter',
    placeholder: 'Filter apps',
    spellcheck: false,
    autocomplete: 'off',
    attrs: { 'aria-label': 'Filter apps by name or state', 'aria-keyshortcuts': '/', enterkeyhint: 'search' },
  });
  readonly #network = el('select', { className: 'select', attrs: { 'aria-label': 'Network' } });
  readonly #seen = new IntersectionObserver((entries) => this.#noteSeen(entries), { rootMargin: '200px' });
  #order: Order = { key: 'name', reverse: false };
  #sortedAt = 0;
  #shown: RowView[] = [];
  #current: string | undefined;
  #networks = '';

  constructor(store: Store, open: (listed: ListedApp) => void) {
    this.#store = store;
    this.#open = open;
    this.#filter.addEventListener('input', () => this.update(true));
    this.#filter.addEventListener('keydown', (event) => this.#filterKey(event));
    this.#network.addEventListener('change', () => this.update(true));
    const grid = el('div', {
      className: 'grid',
      attrs: { role: 'grid', 'aria-label': 'Apps', 'aria-readonly': 'true' },
    });
    this.#grid = grid;
    this.#tools = el(
      'div',
      { className: 'tools' },
      el('label', { className: 'filter-box' }, this.#filter, el('kbd', { textContent: '/', ariaHidden: 'true' })),
      this.#network,
    );
    grid.append(el('div', { attrs: { role: 'rowgroup' } }, this.#headerRow()), this.#body);
    grid.addEventListener('keydown', (event) => this.#gridKey(event));
    grid.addEventListener('click', (event) => this.#click(event));
    this.#body.addEventListener('focusin', (event) => {
      const row = this.#rowOf(event.target);
      if (row) this.#setCurrent(row);
    });
    this.node = el(
      'section',
      { className: 'list', attrs: { 'aria-labelledby': 'list-title' } },
      el('div', { className: 'bar' }, el('h2', { id: 'list-title', textContent: 'Apps' }), this.#count, this.#tools),
      grid,
      this.#empty,
    );
  }

  /** Puts the cursor into the filter. */
  focusFilter(): void {
    this.#filter.focus();
    this.#filter.select();
  }

  /** Puts the focus on the row of an app, else where it was last, or on the first. */
  focusRow(name?: AppName): void {
    const named = this.#shown.find(({ listed: { app } }) => app.app === name?.app && app.network === name.network);
    if (named) return void named.node.focus();
    const row = this.#shown.find(({ listed }) => listed.app.id === this.#current) ?? this.#shown[0];
    row?.node.focus();
  }

  /** Shows what the store has now. @param again the person has changed what is shown, so that the order may change */
  update(again = false): void {
    this.#updateNetworks();
    const passes = appFilter(this.#filter.value);
    const network = this.#network.value;
    const all = [...this.#store.apps.values()];
    const chosen = all.filter(({ app }) => (network === '' || app.network === network) && passes(app));
    const isHeld = this.#isHeld(again);
    if (!isHeld) this.#sortedAt = performance.now();
    const ordered = isHeld ? this.#heldOrder(chosen) : sorted(chosen, this.#order);
    this.#shown = ordered.map((listed) => this.#rowFor(listed));
    this.#place();
    const isAll = chosen.length === all.length;
    setText(this.#count, isAll ? String(all.length) : `${chosen.length} of ${all.length}`);
    this.#showEmpty(all.length, chosen.length);
  }

  /** Takes what the whole dashboard is narrowed to. */
  narrow(scope: Scope): void {
    this.#scope = scope;
  }

  #showEmpty(all: number, chosen: number): void {
    this.#empty.hidden = chosen > 0;
    // Headings and a filter of nothing are in the way of what is to be done.
    this.#grid.hidden = chosen === 0;
    this.#tools.hidden = all === 0;
    const { network, filter } = this.#scope;
    const why = all > 0 ? 'matches' : filter === null ? `none ${network}` : filter;
    if (chosen > 0 || this.#why === why) return;
    this.#why = why;
    if (all > 0) this.#empty.replaceChildren('No app matches. Esc in the filter shows all again.');
    else if (filter !== null) this.#empty.replaceChildren(`No app matches --filter "${plain(filter)}".`);
    else {
      const where = network === null ? '' : ` in the network ${plain(network)}`;
      const steps = firstSteps(network).map((step) => el('li', {}, el('code', { textContent: plain(step) })));
      this.#empty.replaceChildren(
        el('p', { textContent: `There are no apps yet${where}. To begin, in a terminal:` }),
        el('ol', { className: 'steps' }, ...steps),
        el('p', { textContent: 'An app shows up here as soon as it is made.' }),
      );
    }
  }

  #rowFor(listed: ListedApp): RowView {
    let row = this.#rows.get(listed.app.id);
    if (row === undefined) {
      row = new RowView(listed);
      this.#rows.set(listed.app.id, row);
      this.#seen.observe(row.node);
    }
    row.update(listed);
    return row;
  }

  /** Puts the rows in their order; one that stays where it is is not touched. */
  #place(): void {
    const focused = document.activeElement;
    let next = this.#body.firstElementChild;
    for (const { node } of this.#shown) {
      if (node === next) next = next.nextElementSibling;
      else this.#body.insertBefore(node, next);
    }
    while (next !== null) {
      const gone = next;
      next = next.nextElementSibling;
      gone.remove();
    }
    for (const [id, row] of this.#rows)
      if (!this.#store.apps.has(id)) {
        this.#seen.unobserve(row.node);
        this.#rows.delete(id);
      }
    if (!this.#shown.some(({ listed }) => listed.app.id === this.#current)) this.#current = undefined;
    const tabbed = this.#shown.find(({ listed }) => listed.app.id === this.#current) ?? this.#shown[0];
    for (const { node } of this.#shown) node.tabIndex = node === tabbed?.node ? 0 : -1;
    // To move a row in the document takes the focus off it.
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.#body.contains(focused))
      focused.focus({ preventScroll: true });
  }

  /** What one points at, or walks through, must not slip away, and rows that jump every second cannot be read. */
  #isHeld(again: boolean): boolean {
    if (again || this.#order.key === 'name') return false;
    if (performance.now() - this.#sortedAt < SORT_MS) return true;
    return this.#body.matches(':hover') || this.#body.contains(document.activeElement);
  }

  #heldOrder(chosen: ListedApp[]): ListedApp[] {
    const places = new Map(this.#shown.map(({ listed }, place) => [listed.app.id, place]));
    const place = ({ app }: ListedApp): number => places.get(app.id) ?? Number.MAX_SAFE_INTEGER;
    return chosen.sort((a, b) => place(a) - place(b));
  }

  #updateNetworks(): void {
    const names = [...new Set([...this.#store.apps.values()].map(({ app }) => app.network))].sort();
    const text = names.join(' ');
    if (text === this.#networks) return;
    this.#networks = text;
    const { value } = this.#network;
    const options = names.map((name) => el('option', { value: name, textContent: name }));
    this.#network.replaceChildren(el('option', { value: '', textContent: 'All networks' }), ...options);
    this.#network.value = names.includes(value) ? value : '';
    this.#network.hidden = names.length < 2;
  }

  #headerRow(): HTMLElement {
    const row = el('div', { className: 'row head', attrs: { role: 'row' } });
    const add = (key: Order['key'], title: string, about: string, css: string): void => {
      const button = el('button', { type: 'button', textContent: title, title: `${about}. Sorts by it` });
      button.addEventListener('click', () => this.#sortBy(key));
      const header = el('div', { className: `cell ${css}`, attrs: { role: 'columnheader' } }, button);
      this.#headers.set(key, header);
      row.append(header);
    };
    add('name', 'App', 'Name, and network', 'name');
    add('state', 'State', 'How it fares, the worst first', 'status');
    for (const { key, title, about } of COLUMNS) add(key, title, about, `number ${key}`);
    row.append(el('div', { className: 'cell graph', textContent: 'Last minute', attrs: { role: 'columnheader' } }));
    this.#showOrder();
    return row;
  }

  #sortBy(key: Order['key']): void {
    this.#order = { key, reverse: this.#order.key === key && !this.#order.reverse };
    this.#showOrder();
    this.update(true);
  }

  #showOrder(): void {
    const { key, reverse } = this.#order;
    const risesFirst = key === 'name' || key === 'state';
    for (const [name, header] of this.#headers)
      setAttr(header, 'aria-sort', name === key ? (risesFirst === reverse ? 'descending' : 'ascending') : null);
  }

  #filterKey(event: KeyboardEvent): void {
    if (event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault();
      this.#shown[0]?.node.focus();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      if (this.#filter.value === '') this.#filter.blur();
      this.#filter.value = '';
      this.update(true);
    }
  }

  #gridKey(event: KeyboardEvent): void {
    const row = this.#rowOf(event.target);
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#shown.indexOf(row);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      j: 1,
      ArrowUp: -1,
      k: -1,
      PageDown: 10,
      PageUp: -10,
      Home: -this.#shown.length,
      End: this.#shown.length,
    };
    const step = steps[event.key];
    if (event.key === 'Enter') this.#open(row.listed);
    else if (step === undefined) return;
    else this.#shown[Math.max(0, Math.min(this.#shown.length - 1, at + step))]?.node.focus();
    event.preventDefault();
  }

  #click(event: MouseEvent): void {
    const row = this.#rowOf(event.target);
    // Links go their own way, with all that a browser can do with one; a text that is being marked is no click.
    if (row === undefined || (event.target as Element).closest('a') || String(getSelection()) !== '') return;
    this.#open(row.listed);
  }

  #rowOf(target: EventTarget | null): RowView | undefined {
    const node = target instanceof Element ? target.closest('.rows > .row') : null;
    return node === null ? undefined : this.#shown.find((row) => row.node === node);
  }

  #setCurrent(row: RowView): void {
    this.#current = row.listed.app.id;
    for (const { node } of this.#shown) node.tabIndex = node === row.node ? 0 : -1;
  }

  #noteSeen(entries: IntersectionObserverEntry[]): void {
    const seen = new Map(entries.map(({ target, isIntersecting }) => [target, isIntersecting]));
    for (const row of this.#rows.values()) {
      const isSeen = seen.get(row.node);
      if (isSeen === undefined) continue;
      row.isSeen = isSeen;
      if (isSeen) row.update(row.listed);
    }
  }
}
