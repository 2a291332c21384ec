import { setAttr, svg } from './dom.ts';
import { MINUTE } from './store.ts';

const WIDTH = 120;
const HEIGHT = 24;

/** A small graph without axes, scaled to its own highest value. */
export class Spark {
  readonly node: SVGSVGElement;
  readonly #line: SVGPathElement;
  readonly #area: SVGPathElement;

  constructor() {
    this.#area = svg('path', { class: 'spark-area' });
    this.#line = svg('path', { class: 'spark-line' });
    const attrs = {
      class: 'spark',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    };
    this.node = svg('svg', attrs, this.#area, this.#line);
  }

  /** Draws the values, the newest at the right. @param places how many there are at most */
  draw(values: ReadonlyArray<number | null>, places = MINUTE): void {
    const highest = Math.max(0, ...values.map((value) => value ?? 0));
    const top = highest === 0 ? 1 : highest;
    const step = WIDTH / Math.max(1, places - 1);
    let line = '';
    let area = '';
    let start: number | undefined;
    const close = (x: number): void => {
      if (start !== undefined) area += `L${x} ${HEIGHT}L${start} ${HEIGHT}Z`;
      start = undefined;
    };
    for (const [index, value] of values.entries()) {
      const x = Math.round((places - values.length + index) * step * 10) / 10;
      if (value === null) {
        close(x - step);
        continue;
      }
      const y = Math.round((HEIGHT - 2 - (value / top) * (HEIGHT - 4)) * 10) / 10;
      // A value with none beside it is a dot.
      line += start === undefined ? `M${x} ${y}h.1` : `L${x} ${y}`;
      area += `${start === undefined ? 'M' : 'L'}${x} ${y}`;
      start ??= x;
    }
    close(WIDTH);
    setAttr(this.#line, 'd', line);
    setAttr(this.#area, 'd', area);
  }
}
