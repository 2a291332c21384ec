import type { LiveDashboard } from '../model/live-dashboard.ts';
import type { OpenApp } from '../model/open-app.ts';
import type { DashboardApp } from '../model/snapshot.ts';
import { SPANS, type Span } from '../model/spans.ts';
import type { Pressed } from './keys.ts';
import { FIRST_LIST, type ListState, moved, nextSort, withApps } from './list-state.ts';
import { listLayout } from './list-view.ts';

/** What the controller asks of whoever owns the terminal. */
export interface ScreenActions {
  quit(): void;
  redraw(): void;
  suspend(): void;
  logs(app: DashboardApp): void;
  shell(app: DashboardApp): void;
}

const BOTTOMS: ReadonlyArray<ListState['bottom']> = ['panels', 'events', 'none'];
const SPAN_NAMES = Object.keys(SPANS) as Span[];

/** What is on the screen, and what each key does to it; draws nothing. */
export class Controller {
  readonly #dashboard: LiveDashboard;
  readonly #actions: ScreenActions;
  readonly #size: () => { columns: number; rows: number };
  readonly #listeners = new Set<() => void>();
  list: ListState = FIRST_LIST;
  view: 'list' | 'app' | 'help' = 'list';
  span: Span = '5m';
  opened: OpenApp | undefined;
  /** Rises with each change of anything that is shown. */
  version = 0;
  #before: 'list' | 'app' = 'list';

  constructor(dashboard: LiveDashboard, actions: ScreenActions, size: () => { columns: number; rows: number }) {
    this.#dashboard = dashboard;
    this.#actions = actions;
    this.#size = size;
    this.refresh();
  }

  /** Calls back when something is to be drawn anew; gives a function that stops it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes what the model knows now. */
  refresh(): void {
    this.#list(withApps(this.list, this.#dashboard.snapshot().apps, this.#rows));
  }

  /** The app under the cursor, or the one that is open, with its newest figures. */
  get app(): DashboardApp | undefined {
    const id = this.view === 'app' ? this.opened?.app.id : this.list.selected;
    return this.#dashboard.snapshot().apps.find((app) => app.id === id);
  }

  /** Does what a key means where it was pressed. */
  press(pressed: Pressed): void {
    if ('key' in pressed && pressed.key === 'interrupt') this.#actions.quit();
    else if ('key' in pressed && pressed.key === 'redraw') this.#actions.redraw();
    else if ('key' in pressed && pressed.key === 'suspend') this.#actions.suspend();
    else if (this.view === 'list' && this.list.typing) this.#type(pressed);
    else if ('key' in pressed) this.#key(pressed.key);
    else this.#letter(pressed.text);
  }

  #type(pressed: Pressed): void {
    const { filter } = this.list;
    if ('text' in pressed) this.#filter(filter + pressed.text);
    else if (pressed.key === 'backspace') {
      if (filter === '') this.#list({ ...this.list, typing: false });
      else this.#filter([...filter].slice(0, -1).join(''));
    } else if (pressed.key === 'kill-line') this.#filter('');
    else if (pressed.key === 'escape') {
      this.list = { ...this.list, typing: false };
      this.#filter('');
    } else if (pressed.key === 'enter') this.#list({ ...this.list, typing: false });
    else this.#move(pressed.key);
  }

  #key(key: string): void {
    if (key === 'escape' || key === 'backspace') this.#back();
    else if (this.view === 'list') {
      if (key === 'enter') this.#open(this.app);
      else this.#move(key);
    } else if (this.view === 'app' && (key === 'up' || key === 'down')) this.#neighbour(key === 'up' ? -1 : 1);
  }

  #letter(letter: string): void {
    if (letter === '?') this.#help();
    else if (letter === 'r') this.#actions.redraw();
    else if (letter === 'q') {
      if (this.view === 'help') this.#back();
      else this.#actions.quit();
    } else if (this.view !== 'help') {
      const app = this.app;
      if (letter === 'l' && app !== undefined) this.#actions.logs(app);
      else if ((letter === 'x' || letter === 'o') && app !== undefined) this.#actions.shell(app);
      else if (this.view === 'app') this.#appLetter(letter);
      else this.#listLetter(letter);
    }
  }

  #appLetter(letter: string): void {
    if (letter === 'j') this.#neighbour(1);
    else if (letter === 'k') this.#neighbour(-1);
    else if (letter === 't') this.#nextSpan();
    else if (letter === 'h') this.#back();
  }

  #listLetter(letter: string): void {
    if (letter === 'j') this.#move('down');
    else if (letter === 'k') this.#move('up');
    else if (letter === 'g') this.#move('home');
    else if (letter === 'G') this.#move('end');
    else if (letter === '/') this.#list({ ...this.list, typing: true });
    else if (letter === 's') this.#sorted(nextSort(this.list));
    else if (letter === 'S') this.#sorted({ ...this.list, reverse: !this.list.reverse });
    else if (letter === 'p') this.#nextBottom();
  }

  #nextBottom(): void {
    const bottom = BOTTOMS[(BOTTOMS.indexOf(this.list.bottom) + 1) % BOTTOMS.length] ?? 'panels';
    this.list = { ...this.list, bottom };
    this.refresh();
  }

  #move(key: string): void {
    const rows = this.#rows;
    const page = Math.max(1, rows - 1);
    const far = this.list.apps.length;
    const by: Record<string, number> = { up: -1, down: 1, pageUp: -page, pageDown: page, home: -far, end: far };
    if (by[key] !== undefined) this.#list(moved(this.list, by[key], rows));
  }

  #filter(filter: string): void {
    this.list = { ...this.list, filter };
    this.refresh();
  }

  /** A new order is looked at from its top. */
  #sorted(state: ListState): void {
    this.list = { ...state, selected: undefined, top: 0 };
    this.refresh();
  }

  #open(app: DashboardApp | undefined): void {
    if (app === undefined) return;
    this.opened?.close();
    this.opened = this.#dashboard.open(app);
    this.opened.load(this.span);
    this.view = 'app';
    this.#changed();
  }

  /** Opens the app before or after, in the order of the list. */
  #neighbour(step: number): void {
    this.list = moved({ ...this.list, selected: this.opened?.app.id }, step, this.#rows);
    const next = this.list.apps.find(({ id }) => id === this.list.selected);
    if (next?.id !== this.opened?.app.id) this.#open(next);
  }

  #nextSpan(): void {
    this.span = SPAN_NAMES[(SPAN_NAMES.indexOf(this.span) + 1) % SPAN_NAMES.length] as Span;
    this.opened?.load(this.span);
    this.#changed();
  }

  #help(): void {
    if (this.view !== 'help') this.#before = this.view;
    this.view = this.view === 'help' ? this.#before : 'help';
    this.#changed();
  }

  #back(): void {
    if (this.view === 'help') this.view = this.#before;
    else if (this.view === 'app') {
      this.opened?.close();
      this.opened = undefined;
      this.view = 'list';
    } else if (this.list.filter !== '') this.list = { ...this.list, filter: '' };
    this.refresh();
  }

  get #rows(): number {
    return listLayout(this.#size().rows, this.list.bottom).rows;
  }

  #list(state: ListState): void {
    this.list = state;
    this.#changed();
  }

  #changed(): void {
    this.version++;
    for (const listener of [...this.#listeners]) listener();
  }
}
