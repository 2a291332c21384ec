import type { ResourceEvent } from '@rig/plugin-api/max';
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

/** The id of a deployment at the end of a sentence: for machines, and longer than the sentence. */
const DEPLOYMENT_ID = / \(dep_[a-z0-9]+\)$/;

function itemOf({ at, app, network, text, type }: ResourceEvent, isNamed: boolean): HTMLElement {
  const time = el('time', { dateTime: at, textContent: formatTime(at), title: new Date(at).toLocaleString() });
  const textContent = plain(text.replace(DEPLOYMENT_ID, ''));
  const said =
    isNamed && app !== null && network !== null
      ? el('a', { href: appHash({ app, network }), textContent })
      : el('span', { textContent });
  return el('li', { title: plain(`${type}: ${text}`) }, time, said);
}
