import type { AppState } from '@rig/plugin-api/max';
import { totalsOf } from '../../model/snapshot.ts';
import { URGENCY } from '../../model/sort.ts';
import { el, setText } from './dom.ts';
import { formatCpu, formatMemory, formatRate, formatShare } from './format.ts';
import { Spark } from './spark.ts';
import { appLook } from './states.ts';
import { errorShare, type ListedApp, MINUTE } from './store.ts';

interface Tile {
  node: HTMLElement;
  value: HTMLElement;
  more: HTMLElement;
}

function tile(label: string): Tile {
  const value = el('dd', { className: 'value' });
  const more = el('dd', { className: 'more' });
  return { node: el('div', { className: 'tile' }, el('dt', { textContent: label }), value, more), value, more };
}

/** Sums over the apps that there are. */
export class TotalsView {
  readonly node: HTMLElement;
  readonly #apps = tile('Apps');
  readonly #requests = tile('Requests per second');
  readonly #errors = tile('Errors, last minute');
  readonly #cpu = tile('CPU');
  readonly #memory = tile('Memory');
  readonly #spark = new Spark();
  #states = '';

  constructor() {
    const tiles = [this.#apps, this.#requests, this.#errors, this.#cpu, this.#memory];
    this.#requests.more.append(this.#spark.node);
    this.node = el(
      'dl',
      { className: 'totals', attrs: { 'aria-label': 'All apps together' } },
      ...tiles.map(({ node }) => node),
    );
  }

  /** Shows the sums of these apps. */
  show(listed: readonly ListedApp[]): void {
    const totals = totalsOf(listed.map(({ app }) => app));
    setText(this.#apps.value, String(totals.apps));
    const states = JSON.stringify(totals.states);
    if (states !== this.#states) this.#apps.more.replaceChildren(...statesOf(totals.states));
    this.#states = states;
    setText(this.#requests.value, formatRate(totals.requestsPerSecond));
    const minute = { requests: sums(listed, 'requests'), errors: sums(listed, 'errors') };
    this.#spark.draw(minute.requests);
    setText(this.#errors.value, formatShare(errorShare(minute)));
    setText(
      this.#errors.more,
      totals.errorsPerSecond > 0 ? `${formatRate(totals.errorsPerSecond)} per second now` : 'none now',
    );
    setText(this.#cpu.value, formatCpu(totals.cpu));
    setText(this.#cpu.more, 'of one core');
    setText(this.#memory.value, formatMemory(totals.memoryBytes));
    setText(this.#memory.more, `${totals.healthy} of ${totals.wanted} instances healthy`);
  }
}

/** How many apps are in each state; those that want to be looked at first, and in their colour. */
function statesOf(states: Partial<Record<AppState, number>>): HTMLElement[] {
  return URGENCY.filter((state) => states[state]).map((state) => {
    const { word, tone } = appLook(state);
    const isCalm = tone === 'good' || tone === 'off';
    return el('span', {
      textContent: `${states[state]}\u00a0${word}`,
      attrs: { 'data-tone': isCalm ? undefined : tone },
    });
  });
}

/** One figure of all apps, second by second; they end at the same one. */
function sums(listed: readonly ListedApp[], figure: 'requests' | 'errors'): Array<number | null> {
  const all: Array<number | null> = new Array(MINUTE).fill(null);
  for (const { minute } of listed) {
    const values = minute[figure];
    values.forEach((value, index) => {
      const at = MINUTE - values.length + index;
      if (value !== null) all[at] = (all[at] ?? 0) + value;
    });
  }
  return all;
}
