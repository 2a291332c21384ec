import assert from 'node:assert/strict';
import type { App } from '@rig/plugin-api/max';
import { createApps } from '../support/many.ts';
import { rigJson, rigOk, spawnRig } from '../support/rig.ts';
import { rigOnScreen } from '../support/terminal.ts';
import type { Line } from './line.ts';

interface Snapshot {
  apps: Array<{ app: string; network: string }>;
}

/** Apps of a network of its own, beside those of the lines before. */
const APPS = 60;

const named = (apps: ReadonlyArray<{ network: string; app: string }>): string[] =>
  apps.map(({ app, network }) => `${app}.${network}`).sort();

/** The app that a row of the list is of. */
const listedIn = (row: string): string[] => /^▌?\s*(app-\d+)\b/.exec(row)?.slice(1) ?? [];
const chosenIn = (rows: readonly string[]): string | undefined =>
  rows.filter((row) => row.startsWith('▌')).flatMap(listedIn)[0];

/** Every app is in the snapshot of the dashboard, in each record of its stream, and is found on its screen. */
export const dashboardShows: Line = {
  handoff: '4 → 5 operations',
  name: 'the dashboard shows every app',
  async check({ max }) {
    await rigOk(max.home, ['create', 'network', 'panorama']);
    await createApps(max, 'panorama', APPS);
    const listed = await rigJson<App[]>(max.home, ['list', 'apps']);
    const wanted = named(listed.map(({ name, network }) => ({ app: name, network })));
    assert.ok(wanted.length >= APPS);
    const { apps } = await rigJson<Snapshot>(max.home, ['status', 'dashboard']);
    assert.deepEqual(named(apps), wanted);
    const follower = spawnRig(max.home, ['status', 'dashboard', '-o', 'ndjson'], { timeout: 60_000 });
    let text = '';
    for await (const piece of follower.stdout as AsyncIterable<Buffer>) {
      text += String(piece);
      if (text.split('\n').length > 2) break;
    }
    follower.kill('SIGINT');
    await follower;
    for (const line of text.split('\n').slice(0, 2))
      assert.deepEqual(named((JSON.parse(line) as Snapshot).apps), wanted);
    const began = performance.now();
    const screen = rigOnScreen(max.home, ['status', 'dashboard', '--network', 'panorama']);
    try {
      await screen.shows(/app-1\b/);
      const firstMs = performance.now() - began;
      const seen = new Set<string>();
      for (;;) {
        const rows = screen.rows();
        for (const name of rows.flatMap(listedIn)) seen.add(name);
        if (seen.size === APPS) break;
        // A page further: the mark of the app that is chosen moves.
        const chosen = chosenIn(rows);
        screen.type('\x1b[6~');
        await screen.until('another app that is chosen', (now) => chosenIn(now) !== chosen);
      }
      return {
        value: firstMs,
        unit: 'ms',
        note: `from the command to the first app on an 80×24 screen; ${wanted.length} apps in json, ndjson and on the screen`,
      };
    } finally {
      await screen.close();
    }
  },
};
