import type { ResourceEvent } from '@rig/plugin-api/max';
import { eventText } from '../../model/event-text.ts';
import type { AppName } from '../protocol.ts';
import { el } from './dom.ts';
import { formatTime, plain } from './format.ts';
import { appHash } from './route.ts';

/** What happened last. */
export class EventsView {
  readonly node: HTMLElement;
  readonly #list = el('ol', { className: 'events-list' });
  readonly #empty = el('p', { className: 'empty', textContent: 'Nothing has happened yet.' });
  readonly #most: number;
  #shown = '';

  constructor(most: number) {
    this.#most = most;
    this.node = el(
      'section',
      { className: 'events', attrs: { 'aria-labelledby': 'events-title' } },
      el('div', { className: 'bar' }, el('h2', { id: 'events-title', textContent: 'Recent events' })),
      this.#empty,
      this.#list,
    );
  }

  /** Shows events, newest first. @param only those of one app */
  show(events: readonly ResourceEvent[], only: AppName | null): void {
    const chosen = events
      .filter(({ app, network }) => only === null || (app === only.app && network === only.network))
      .slice(0, this.#most);
    const shown = JSON.stringify([only, chosen.map(({ seq }) => seq)]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#empty.hidden = chosen.length > 0;
    this.#list.replaceChildren(...chosen.map((event) => itemOf(event, only === null)));
  }
}

function itemOf(event: ResourceEvent, isNamed: boolean): HTMLElement {
  const { at, app, network, text, type } = event;
  const time = el('time', { dateTime: at, textContent: formatTime(at), title: new Date(at).toLocaleString() });
  const { about, said } = eventText(event);
  const item = el('li', { title: plain(`${type}: ${text}`) }, time);
  if (!isNamed || app === null || network === null) item.append(el('span', { textContent: plain(said) }));
  else {
    const name = about === null ? undefined : el('b', { textContent: `${plain(about)} ` });
    item.append(el('a', { href: appHash({ app, network }) }, name, plain(said)));
  }
  return item;
}
