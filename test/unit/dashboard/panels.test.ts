import { expect, test } from 'vitest';
import { budgetPanel } from '../../../examples/error-budget/src/budget-panel.ts';
import { checkPanel, type DashboardPanel } from '../../../plugins/dashboard/src/model/panel.ts';
import { askPanels, refreshMs } from '../../../plugins/dashboard/src/model/panels.ts';
import { Series } from '../../../plugins/dashboard/src/model/series.ts';
import { appsOf } from '../../../plugins/dashboard/src/model/snapshot.ts';
import { appMetrics, sampleAt } from './app-metrics.ts';

const panel = (more: object = {}): DashboardPanel => ({ id: 'a.b', title: 'A', ...more });

test.each([
  [null, 'it is no object'],
  [panel({ id: 'a b' }), 'id is not'],
  [panel({ title: 1 }), 'title is no text'],
  [panel({ text: 'one' }), 'text is no list'],
  [panel({ table: { columns: ['A'], rows: [[{}]] } }), 'table has not'],
  [panel({ series: [{ label: 'x', values: ['1'] }] }), 'series has not'],
  [panel({ refreshSeconds: 0 }), 'refreshSeconds is not'],
])('a panel that is not as it must be is refused: %j', (wrong, why) => {
  expect(() => checkPanel(wrong as DashboardPanel)).toThrow(why);
});

test('panels of one id take the place of each other, and one that comes late is not taken', async () => {
  let late: ((panel: DashboardPanel) => void) | undefined;
  const fire = (async (_: unknown, { add }: { add: (panel: DashboardPanel) => void }) => {
    add(panel({ text: ['old'] }));
    add(panel({ id: 'c', refreshSeconds: 2 }));
    add(panel({ text: ['new'] }));
    late = add;
  }) as never;
  const panels = await askPanels(fire, {} as never);
  late?.(panel({ id: 'late' }));
  expect(panels).toEqual([panel({ text: ['new'] }), panel({ id: 'c', refreshSeconds: 2 })]);
  expect(refreshMs(panels)).toBe(2000);
  expect(refreshMs([])).toBe(5000);
});

test('what nobody could look at is cut or refused, and what is no part of a panel left out', async () => {
  const strange: Record<string, unknown> = {};
  strange.self = strange;
  const checked = checkPanel(panel({ text: ['x'.repeat(10_000)], strange }));
  expect([checked.text?.[0]?.length, Object.keys(checked)]).toEqual([2001, ['id', 'title', 'text']]);
  expect(() => checkPanel(panel({ text: new Array(500).fill('x'.repeat(2000)) }))).toThrow('larger than 256 KiB');
  let refused = 0;
  const fire = (async (_: unknown, { add }: { add: (panel: DashboardPanel) => void }) => {
    for (let i = 0; i < 2000; i++)
      try {
        add(panel({ id: `many${i}` }));
      } catch {
        refused += 1;
      }
  }) as never;
  expect(await askPanels(fire, {} as never)).toHaveLength(50);
  expect(refused).toBe(1950);
});

test('what a plugin changes afterwards stays its own', () => {
  const text = ['one'];
  const checked = checkPanel(panel({ text }));
  text.push('two');
  expect(checked.text).toEqual(['one']);
});

test('the panel of the example shows who spends the budget fastest', () => {
  const series = new Map<string, Series>();
  const apps = appsOf(sampleAt(10, [appMetrics('good'), appMetrics('bad'), appMetrics('worse')]));
  for (const [name, failed] of [
    ['good', 0],
    ['bad', 1],
    ['worse', 5],
  ] as const) {
    const one = new Series(60);
    const statuses = { '1xx': 0, '2xx': 100 - failed, '3xx': 0, '4xx': 0, '5xx': failed };
    one.add(10, appMetrics(name, { requests: 100, statuses }));
    series.set(`app_${name}`, one);
  }
  const made = budgetPanel(apps, (id) => series.get(id)?.readAll(10, 3), 99);
  expect(made.series).toEqual([
    { label: 'worse.shop', values: [null, null, expect.closeTo(0.05)], text: '5.0x' },
    { label: 'bad.shop', values: [null, null, expect.closeTo(0.01)], text: '1.0x' },
  ]);
  expect(checkPanel(made)).toBeDefined();
  expect(budgetPanel(apps, () => undefined, 99).text).toEqual(['No app fails requests.']);
  // One snapshot has no series: the last second is all that is known.
  const statuses = { '1xx': 0, '2xx': 98, '3xx': 0, '4xx': 0, '5xx': 2 };
  const failing = appsOf(sampleAt(10, [appMetrics('good'), appMetrics('bad', { requests: 100, statuses })]));
  expect(budgetPanel(failing, () => undefined, 99).series).toEqual([
    { label: 'bad.shop', values: [expect.closeTo(0.02)], text: '2.0x' },
  ]);
});
