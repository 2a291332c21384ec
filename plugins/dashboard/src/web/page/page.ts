import type { ResourceEvent } from '@rig/plugin-api/max';
import type { Connection } from '../../model/snapshot.ts';
import type { AppName, ServerMessage } from '../protocol.ts';
import { AppView } from './app-view.ts';
import { Banner, refusal } from './banner.ts';
import { Link, type LinkState } from './connection.ts';
import { el, setText } from './dom.ts';
import { EventsView } from './events-view.ts';
import { plain } from './format.ts';
import { helpDialog } from './help.ts';
import { ListView } from './list-view.ts';
import { PanelsView } from './panels-view.ts';
import { appHash, appOfHash } from './route.ts';
import { Store } from './store.ts';
import type { Theme } from './theme.ts';
import { TotalsView } from './totals-view.ts';

/** The whole page: what it knows, what it shows, and the link to rig. */
export class Page {
  readonly #store = new Store();
  readonly #theme: Theme;
  readonly #banner = new Banner();
  readonly #totals = new TotalsView();
  readonly #list = new ListView(this.#store, ({ app }) => {
    location.hash = appHash(app);
  });
  readonly #events = new EventsView(50);
  readonly #panels = new PanelsView();
  readonly #help = helpDialog();
  readonly #where = el('span', { className: 'where' });
  readonly #themeButton = el('button', { type: 'button', className: 'button' });
  readonly #main = el('main', { id: 'main', tabIndex: -1 });
  readonly #overview: HTMLElement;
  readonly #link = new Link(
    (message) => this.#take(message),
    (state) => this.#linkIs(state),
  );
  #linkState: LinkState = { state: 'connecting' };
  #connection: Connection | undefined;
  #server = '';
  #happened: readonly ResourceEvent[] = [];
  #view = 0;
  #app: AppView | undefined;

  constructor(theme: Theme) {
    this.#theme = theme;
    this.#overview = el('div', { className: 'overview' }, this.#totals.node, this.#list.node);
    const aside = el('aside', { className: 'aside', attrs: { 'aria-label': 'Panels and events' } });
    aside.append(this.#panels.node, this.#events.node);
    this.#main.append(this.#overview, aside);
    document.body.append(this.#header(), this.#banner.node, this.#main, this.#help);
    addEventListener('hashchange', () => this.#route());
    document.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('visibilitychange', () => this.#show());
    this.#theme.onChange(() => this.#app?.recolour());
    this.#showTheme();
    this.#showLink();
    this.#link.open();
  }

  #header(): HTMLElement {
    const help = el('button', { type: 'button', className: 'button', textContent: '?', title: 'Keys' });
    help.setAttribute('aria-label', 'Keys');
    help.addEventListener('click', () => this.#help.showModal());
    this.#themeButton.addEventListener('click', () => this.#nextTheme());
    return el(
      'header',
      { className: 'top' },
      el('a', { className: 'skip', href: '#main', textContent: 'To the apps' }),
      el('a', { className: 'brand', href: '#/', textContent: 'rig' }),
      this.#where,
      this.#banner.badge,
      this.#themeButton,
      help,
    );
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        return void this.#hello(message);
      case 'rows':
        this.#store.reset(message);
        return void this.#show();
      case 'changes':
        this.#store.change(message);
        return void this.#show();
      case 'connection':
        this.#connection = message.connection;
        return void this.#showLink();
      case 'events':
        this.#happened = message.events;
        return void this.#events.show(this.#happened, this.#app?.app ?? null);
      case 'panels':
        return void this.#panels.show(message.panels);
      case 'app':
      case 'figures':
      case 'next':
      case 'log':
        if (message.view === this.#view) this.#app?.take(message);
    }
  }

  #hello({ server, context, user, network, filter }: Extract<ServerMessage, { type: 'hello' }>): void {
    this.#server = server;
    this.#list.narrow({ network, filter });
    const place = context === null ? server : `${context} · ${server.replace(/^https?:\/\//, '')}`;
    const narrowed = [network === null ? '' : ` · network ${network}`, filter === null ? '' : ` · filter ${filter}`];
    setText(this.#where, plain(`${user} on ${place}${narrowed.join('')}`));
    this.#showLink();
    // A new connection knows nothing of what this tab shows.
    if (this.#app) this.#ask(this.#app);
    else this.#route();
  }

  #linkIs(state: LinkState): void {
    this.#linkState = state;
    if (state.state === 'refused') return void document.body.replaceChildren(refusal(state.why));
    this.#showLink();
  }

  #showLink(): void {
    this.#banner.show(this.#linkState, this.#connection, this.#server);
  }

  /** Shows what the address says. */
  #route(): void {
    const app = appOfHash(location.hash);
    const before = this.#app;
    before?.close();
    this.#app = app === null ? undefined : this.#openApp(app);
    this.#overview.hidden = app !== null;
    this.#ask(this.#app);
    document.title = app === null ? 'rig dashboard' : `${app.app}.${app.network} · rig dashboard`;
    this.#events.show(this.#happened, app);
    this.#show();
    if (app === null && before) this.#list.focusRow(before.app);
  }

  /** Says to rig what this tab shows. */
  #ask(view: AppView | undefined): void {
    this.#view += 1;
    this.#link.send({ type: 'show', view: this.#view, app: view?.app ?? null });
    if (view) this.#link.send({ type: 'span', span: view.span });
  }

  #openApp(app: AppName): AppView {
    const view = new AppView(app, (span) => this.#link.send({ type: 'span', span }));
    this.#main.prepend(view.node);
    scrollTo(0, 0);
    view.focus();
    return view;
  }

  #show(): void {
    // A tab that nobody looks at costs nothing; what it missed is drawn when it is looked at.
    if (document.hidden) return;
    if (this.#app) {
      const { app, network } = this.#app.app;
      return void this.#app.showListed(this.#store.find(network, app));
    }
    this.#totals.show([...this.#store.apps.values()]);
    this.#list.update();
  }

  #nextTheme(): void {
    this.#theme.next();
    this.#showTheme();
  }

  #showTheme(): void {
    const { choice } = this.#theme;
    setText(this.#themeButton, { auto: 'Auto', light: 'Light', dark: 'Dark' }[choice]);
    this.#themeButton.setAttribute('aria-label', `Colours: ${choice}`);
  }

  #key(event: KeyboardEvent): void {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || this.#help.open) return;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
    if (key === '?') this.#help.showModal();
    else if (key === 't') this.#nextTheme();
    else if (key === 'Escape' && this.#app) location.hash = '#/';
    else if (key === '/' && !this.#app) this.#list.focusFilter();
    else if (/^[1-4]$/.test(key) && this.#app) this.#app.setSpanNumber(Number(key));
    else if ((key === 'ArrowDown' || key === 'j') && !this.#app && target === document.body) this.#list.focusRow();
    else return;
    event.preventDefault();
  }
}
