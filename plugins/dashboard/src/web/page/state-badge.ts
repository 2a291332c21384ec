import { el, setAttr, setText } from './dom.ts';
import type { StateLook } from './states.ts';

/** A sign and a word for a state. */
export class StateBadge {
  readonly node: HTMLElement;
  readonly #sign = el('span', { className: 'sign', attrs: { 'aria-hidden': 'true' } });
  readonly #word = el('span', { className: 'word' });

  constructor() {
    this.node = el('span', { className: 'state' }, this.#sign, this.#word);
  }

  /** Shows a state. */
  set({ sign, word, tone }: StateLook): void {
    setAttr(this.node, 'data-tone', tone);
    setText(this.#sign, sign);
    setText(this.#word, word);
  }
}
