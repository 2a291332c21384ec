import type { InstanceMetrics } from '@rig/plugin-api/max';
import { el, setText } from './dom.ts';
import { formatCpu, formatMemory } from './format.ts';
import { StateBadge } from './state-badge.ts';
import { instanceLook } from './states.ts';

const HEADINGS = ['Instance', 'State', 'CPU', 'Memory', 'Sockets', 'Restarts'];

interface InstanceRow {
  node: HTMLTableRowElement;
  badge: StateBadge;
  cells: HTMLTableCellElement[];
}

/** The instances of an app. */
export class InstancesView {
  readonly node: HTMLElement;
  readonly #body = el('tbody');
  readonly #empty = el('p', { className: 'empty' });
  #why = '';
  readonly #rows = new Map<string, InstanceRow>();

  constructor() {
    const head = el(
      'tr',
      {},
      ...HEADINGS.map((textContent, index) =>
        el('th', { textContent, scope: 'col', className: index < 2 ? '' : 'number' }),
      ),
    );
    this.node = el(
      'section',
      { className: 'instances', attrs: { 'aria-labelledby': 'instances-title' } },
      el('div', { className: 'bar' }, el('h2', { id: 'instances-title', textContent: 'Instances' })),
      this.#empty,
      el('table', {}, el('thead', {}, head), this.#body),
    );
  }

  /** Says why there may be none, and the command that mends it. */
  explain(why: string, command: string | null): void {
    if (this.#why === `${why} ${command}`) return;
    this.#why = `${why} ${command}`;
    this.#empty.replaceChildren(`${why} `, command === null ? '' : el('code', { textContent: command }));
  }

  /** Shows them as they are now. */
  show(instances: readonly InstanceMetrics[]): void {
    this.#empty.hidden = instances.length > 0;
    (this.node.querySelector('table') as HTMLElement).hidden = instances.length === 0;
    for (const instance of instances) {
      const row = this.#rowFor(instance.name);
      row.badge.set(instanceLook(instance.state));
      const { cpu, memoryBytes, sockets, restarts } = instance;
      const texts = [formatCpu(cpu), formatMemory(memoryBytes), String(sockets), String(restarts)];
      for (const [index, text] of texts.entries()) setText(row.cells[index] as HTMLElement, text);
    }
    for (const [name, { node }] of this.#rows)
      if (!instances.some((instance) => instance.name === name)) {
        node.remove();
        this.#rows.delete(name);
      }
  }

  #rowFor(name: string): InstanceRow {
    const known = this.#rows.get(name);
    if (known) return known;
    const badge = new StateBadge();
    const cells = [0, 1, 2, 3].map(() => el('td', { className: 'number' }));
    const head = el('th', { textContent: name, scope: 'row' });
    const node = el('tr', {}, head, el('td', {}, badge.node), ...cells);
    const row = { node, badge, cells };
    this.#rows.set(name, row);
    this.#body.append(node);
    return row;
  }
}
