import type { LogLine } from '@rig/plugin-api/max';
import { el, setText } from './dom.ts';
import { formatTime, plain } from './format.ts';

const MOST_LINES = 1000;
/** Pixels from the end at which the log still counts as followed. */
const AT_END = 24;

/** The log of an app as it grows. What an app writes is text and nothing else. */
export class LogView {
  readonly node: HTMLElement;
  readonly #lines = el('div', {
    className: 'lines',
    tabIndex: 0,
    attrs: { role: 'log', 'aria-label': 'Log', 'aria-live': 'off' },
  });
  readonly #follow = el('button', { type: 'button', className: 'button', hidden: true });
  readonly #empty = el('p', { className: 'empty', textContent: 'No lines yet.' });
  readonly #resize = new ResizeObserver(() => {
    if (this.#isFollowed) this.#toEnd();
  });
  #isFollowed = true;
  #last = 0;
  #waiting = 0;

  constructor() {
    this.#follow.addEventListener('click', () => this.#toEnd());
    this.#lines.addEventListener('scroll', () => {
      this.#isFollowed = this.#isAtEnd;
      if (this.#isFollowed) this.#noneWait();
    });
    this.#resize.observe(this.#lines);
    this.node = el(
      'section',
      { className: 'log', attrs: { 'aria-labelledby': 'log-title' } },
      el('div', { className: 'bar' }, el('h2', { id: 'log-title', textContent: 'Log' }), this.#follow),
      this.#empty,
      this.#lines,
    );
  }

  /**
   * Adds lines at the end; who has scrolled up stays where they are.
   *
   * @param isFirst they begin with the oldest that there is: those that are shown already are not shown again
   */
  add(all: readonly LogLine[], isFirst: boolean): void {
    // An app that was made anew counts its lines from 1.
    if (isFirst && (all.at(-1)?.seq ?? 0) < this.#last) this.#clear();
    const lines = all.filter(({ seq }) => seq > this.#last);
    if (lines.length === 0) return;
    const piece = document.createDocumentFragment();
    for (const line of lines) {
      const missing = this.#last === 0 ? 0 : line.seq - this.#last - 1;
      if (missing > 0) piece.append(el('div', { className: 'gap', textContent: `${missing} lines are left out` }));
      this.#last = line.seq;
      piece.append(
        el(
          'div',
          { className: `line ${line.stream}` },
          el('time', { textContent: formatTime(line.at), dateTime: line.at }),
          el('span', { className: 'from', textContent: plain(line.instance) }),
          el('span', { className: 'text', textContent: plain(line.text) }),
        ),
      );
    }
    this.#lines.append(piece);
    while (this.#lines.childElementCount > MOST_LINES) this.#lines.firstElementChild?.remove();
    this.#empty.hidden = this.#lines.childElementCount > 0;
    if (this.#isFollowed) return void this.#toEnd();
    this.#waiting += lines.length;
    this.#follow.hidden = false;
    setText(this.#follow, `${this.#waiting} new ${this.#waiting === 1 ? 'line' : 'lines'} ↓`);
  }

  #clear(): void {
    this.#lines.replaceChildren();
    this.#last = 0;
    this.#toEnd();
  }

  /** Takes it away. */
  close(): void {
    this.#resize.disconnect();
  }

  get #isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#lines;
    return scrollHeight - scrollTop - clientHeight < AT_END;
  }

  #toEnd(): void {
    this.#isFollowed = true;
    this.#lines.scrollTop = this.#lines.scrollHeight;
    this.#noneWait();
  }

  #noneWait(): void {
    this.#waiting = 0;
    this.#follow.hidden = true;
  }
}
