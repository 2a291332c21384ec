import type { PanelView } from '../protocol.ts';
import { el } from './dom.ts';
import { plain } from './format.ts';

/** Panels of plugins: a title and lines of text each. */
export class PanelsView {
  readonly node = el('div', { className: 'panels', hidden: true });
  #shown = '';

  /** Shows them as they are now. */
  show(panels: readonly PanelView[]): void {
    const shown = JSON.stringify(panels);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.node.hidden = panels.length === 0;
    this.node.replaceChildren(
      ...panels.map(({ title, lines }) =>
        el(
          'section',
          { className: 'panel', attrs: { 'aria-label': plain(title) } },
          el('div', { className: 'bar' }, el('h2', { textContent: plain(title) })),
          el('pre', { textContent: lines.map(plain).join('\n') }),
        ),
      ),
    );
  }
}
