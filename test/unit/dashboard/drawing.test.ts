import { textWidth } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import type { DashboardPanel } from '../../../plugins/dashboard/src/model/panel.ts';
import { appsOf, type DashboardSnapshot, totalsOf } from '../../../plugins/dashboard/src/model/snapshot.ts';
import { FIRST_LIST, withApps } from '../../../plugins/dashboard/src/tui/list-state.ts';
import { listLayout, listLines } from '../../../plugins/dashboard/src/tui/list-view.ts';
import { Painter } from '../../../plugins/dashboard/src/tui/painter.ts';
import { panelLines } from '../../../plugins/dashboard/src/tui/panels.ts';
import { makeTheme, speaksUnicode } from '../../../plugins/dashboard/src/tui/theme.ts';
import { appMetrics, sampleAt } from './app-metrics.ts';

const HOSTILE = `\x1b]0;pwned\x07\x1b[2J\u202egnp\u200b\n<b>${'x'.repeat(10_000)}`;

function snapshotOf(count: number, panels: DashboardPanel[] = []): DashboardSnapshot {
  const apps = appsOf(
    sampleAt(
      1,
      Array.from({ length: count }, (_, i) =>
        appMetrics(`app${i}`, { requests: i, state: i === 1 ? 'crashed' : 'running' }),
      ),
    ),
  );
  const events = [
    { seq: 1, at: '2026-03-01T09:30:05Z', type: 'app.created', network: 'shop', app: 'x', text: HOSTILE },
  ];
  return {
    ...{ at: '2026-03-01T09:30:05Z', context: 'local', server: 'http://127.0.0.1:7420', user: 'ann', network: null },
    ...{ filter: null, connection: { state: 'live', reason: null, since: '2026-03-01T09:30:05Z' } },
    ...{ totals: totalsOf(apps), apps, events, panels },
  };
}

function draw(columns: number, rows: number, snapshot: DashboardSnapshot, color = false): string[] {
  const theme = makeTheme({ unicode: true, color });
  const state = withApps(FIRST_LIST, snapshot.apps, listLayout(rows, 'panels').rows);
  const size = { columns, rows };
  return listLines({ snapshot, state, size, theme, requestsOf: (_, n) => new Array(n).fill(1), hasShell: true });
}

const plain = (line: string): string => line.replace(/\x1b\[[0-9;]*m/g, '');

describe('the list', () => {
  const panels = [
    { id: 'a', title: HOSTILE, text: [HOSTILE], table: { columns: [HOSTILE], rows: [[HOSTILE], [1]] } },
    { id: 'b', title: 'b', series: [{ label: HOSTILE, values: [1, null, 2], text: HOSTILE }] },
  ];

  test.each([
    [50, 12],
    [80, 24],
    [100, 30],
    [160, 50],
    [240, 20],
  ])('fills %ix%i and no more, with hostile texts written out', (columns, rows) => {
    for (const color of [false, true])
      for (const snapshot of [snapshotOf(0), snapshotOf(3, panels), snapshotOf(300)]) {
        const lines = draw(columns, rows, snapshot, color);
        expect(lines).toHaveLength(rows);
        for (const line of lines) {
          expect(textWidth(plain(line))).toBeLessThanOrEqual(columns);
          expect(plain(line)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
        }
      }
  });

  test('says every state by a word, and what is sorted by, without colour', () => {
    const text = draw(80, 24, snapshotOf(3)).map(plain).join('\n');
    expect(text).toContain('✗ crashed');
    expect(text).toContain('● running');
    expect(text).toContain('APP▴');
    expect(draw(80, 24, snapshotOf(3)).join('')).not.toMatch(/\x1b\[3\d/);
  });

  test('says how to begin where there is no app', () => {
    expect(draw(80, 24, snapshotOf(0)).map(plain).join('\n')).toContain('rig create app api --network shop');
  });
});

test('a table of a panel shows each of its columns, however wide one of them is', () => {
  const theme = makeTheme({ unicode: true, color: false });
  const rows = [['x'.repeat(300), 7, 'end']];
  const [, , line = ''] = panelLines([{ id: 'a', title: 'A', table: { columns: ['A', 'B', 'C'], rows } }], 40, theme);
  expect(line).toMatch(/^ x{20,}… {2}7 {2}end$/);
  expect(textWidth(line)).toBeLessThanOrEqual(40);
});

test('a locale without UTF-8, and the console of Linux, get ASCII', () => {
  expect(speaksUnicode({ LANG: 'de_DE.UTF-8' })).toBe(true);
  expect(speaksUnicode({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).toBe(false);
  expect(speaksUnicode({ LANG: 'C.utf8', TERM: 'linux' })).toBe(false);
  expect(speaksUnicode({})).toBe(false);
});

describe('the painter', () => {
  function painter(): { painter: Painter; take: () => string; free: () => void } {
    let written = '';
    let waiting: Array<() => void> = [];
    let slow = false;
    const made = new Painter({
      size: () => ({ columns: 10, rows: 3 }),
      write: (data) => {
        written += data;
        return slow ? new Promise<void>((resolve) => waiting.push(resolve)) : Promise.resolve();
      },
    });
    const take = (): string => {
      const text = written;
      written = '';
      slow = true;
      return text;
    };
    const free = (): void => {
      for (const go of waiting) go();
      waiting = [];
    };
    return { painter: made, take, free };
  }
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('writes only lines that have changed, and the newest picture alone for a slow terminal', async () => {
    const { painter: made, take, free } = painter();
    made.enter();
    made.draw(['one', 'two', 'three']);
    await settled();
    expect(take()).toContain('three');
    made.draw(['one', '2', 'three']);
    await settled();
    const changed = take();
    expect(changed).toContain('\x1b[2;1H2');
    expect(changed).not.toContain('one');
    made.draw(['one', '3', 'three']);
    made.draw(['one', '4', 'three']);
    free();
    await settled();
    const last = take();
    expect(last).toContain('4');
    expect(last).not.toContain('\x1b[2;1H3');
  });

  test('gives the screen back once, and draws nothing afterwards', async () => {
    const { painter: made, take } = painter();
    made.enter();
    made.leave();
    made.leave();
    made.draw(['late']);
    await settled();
    const text = take();
    expect(text.split('\x1b[?1049l')).toHaveLength(2);
    expect(text).toContain('\x1b[?25h');
    expect(text).not.toContain('late');
  });
});
