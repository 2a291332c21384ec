import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DashboardSnapshot } from '../../plugins/dashboard/src/model/snapshot.ts';
import { askApp, deploy, writeNodeApp } from '../support/app.ts';
import { linkErrorBudget } from '../support/error-budget.ts';
import { createHome } from '../support/home.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { makePlugin } from '../support/plugin.ts';
import { RIG, rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';
import { openTerminal, rigOnScreen, type TerminalScreen } from '../support/terminal.ts';

/** A line of an app's log that would set the terminal's title, clear its screen and turn the text round. */
const HOSTILE = '\x1b]0;pwned\x07\x1b[2Jred\u202e';
const SOURCE = `import { createServer } from 'node:http';
createServer((request, response) => {
  console.log('asked ' + ${JSON.stringify(HOSTILE)});
  response.statusCode = request.url === '/bad' ? 500 : 200;
  response.end('ok');
}).listen(process.env.PORT);
process.once('SIGTERM', () => process.exit(0));
`;

let max: RunningMax;
beforeAll(async () => {
  max = await startMax({ LANG: 'C.UTF-8' });
  await deploy(max, 'loud.shop', await writeNodeApp(join(max.home.dir, 'loud'), SOURCE));
  await rigOk(max.home, ['create', 'app', 'quiet', '--network', 'shop']);
  await rigOk(max.home, ['create', 'network', 'blog']);
  await rigOk(max.home, ['create', 'app', 'other', '--network', 'blog']);
  // Figures are those of the second past.
  for (;;) {
    const { totals } = await rigJson<DashboardSnapshot>(max.home, ['dashboard']);
    if (totals.apps === 3 && totals.healthy === 1) break;
  }
});
afterAll(() => max.stop());

let screen: TerminalScreen | undefined;
afterEach(() => screen?.close());
const dashboard = (args: string[] = [], options: Parameters<typeof rigOnScreen>[2] = {}): TerminalScreen => {
  screen = rigOnScreen(max.home, ['dashboard', ...args], options);
  return screen;
};
const buffer = (of: TerminalScreen): string => of.emulator.buffer.active.type;

/** The one process that another one has started. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').at(-1));
}

/** Asks the app over and over until what is waited for is there. */
async function asking(path: string, waited: Promise<void>): Promise<void> {
  let isOver = false;
  const over = waited.finally(() => {
    isOver = true;
  });
  // A pace, not a flood: what draws the answer needs the machine too.
  while (!isOver) await Promise.all([askApp(max, 'loud.shop', path), delay(20)]);
  await over;
}

describe('without a terminal', () => {
  const names = ({ apps }: DashboardSnapshot): string[] => apps.map(({ app, network }) => `${app}.${network}`);

  test('it is one table, narrowed as asked', async () => {
    const { stdout } = await rigOk(max.home, ['status', 'dashboard']);
    expect(stdout).toMatch(/^APP +STATE +RELEASE +INSTANCES +REQ\/S +ERRORS +P95 +CPU +MEMORY\n/);
    expect(stdout).toMatch(/^loud\.shop +running +v1 +1\/1 /m);
    expect(stdout).toMatch(/^quiet\.shop +empty +- +0\/0 /m);
    expect((await rigOk(max.home, ['dashboard', '--network', 'blog'])).stdout).not.toContain('loud');
    expect((await rigOk(max.home, ['dashboard', '--filter', 'nothing'])).stdout).toContain('No app matches');
  });

  test('it is one document with -o json', async () => {
    const all = await rigJson<DashboardSnapshot>(max.home, ['dashboard']);
    expect(names(all)).toEqual(['other.blog', 'loud.shop', 'quiet.shop']);
    expect(all).toMatchObject({ context: 'local', server: max.url, totals: { apps: 3, healthy: 1 }, panels: [] });
    expect(all.apps[1]).toMatchObject({ state: 'running', release: 1, memoryBytes: expect.any(Number) });
    expect(all.events[0]).toMatchObject({ type: 'app.created', app: 'other' });
    expect(names(await rigJson(max.home, ['dashboard', '--network', 'shop', '--filter', '!running']))).toEqual([
      'quiet.shop',
    ]);
  });

  test('it is a document a second with -o ndjson, until Ctrl-C', async () => {
    const run = spawnRig(max.home, ['dashboard', '-o', 'ndjson', '--filter', 'loud']);
    const seen: DashboardSnapshot[] = [];
    for await (const line of run) {
      seen.push(JSON.parse(line as string) as DashboardSnapshot);
      if (seen.length === 3) break;
    }
    run.kill('SIGINT');
    await run;
    expect(new Set(seen.map(({ at }) => at)).size).toBe(3);
    expect(names(seen[2] as DashboardSnapshot)).toEqual(['loud.shop']);
    expect(seen[2]?.connection.state).toBe('live');
  });

  test('what is wrong is said', async () => {
    expect((await rig(max.home, ['dashboard', '--network', 'nope'])).stderr).toContain('RIG_NETWORK_NOT_FOUND');
    expect((await rig(max.home, ['dashboard', '--filter', ' '])).stderr).toContain('RIG_BAD_OPTION');
    const stranger = createHome({ RIG_SERVER: max.url });
    try {
      screen = rigOnScreen(stranger, ['dashboard']);
      const { exitCode } = await screen.ended;
      expect(exitCode).toBe(4);
      expect(screen.rows().join('')).toContain('RIG_NOT_SIGNED_IN');
      expect(screen.bytes.toString()).not.toContain('\x1b[?1049h');
    } finally {
      await stranger.remove();
    }
  });
});

describe('on a terminal', () => {
  test('apps with live figures, filtered, sorted, opened, their logs followed, and back', async () => {
    const on = dashboard();
    await on.shows(/● live/);
    expect(on.rows()).toHaveLength(24);
    await asking('/bad', on.shows(/loud\.shop +● running +v1 +1\/1 +[1-9][\d.]* +[1-9][\d.]*% +[\d.]+ms/));
    on.type('/blog');
    await on.shows(/\/ blog_/);
    await on.until('the filter', (rows) => !rows.slice(2, 10).join().includes('loud.shop'));
    on.type('\x1b');
    await on.until('all apps', (rows) => rows.slice(3, 10).join().includes('loud.shop'));
    on.type('s');
    await on.shows('STATE▾');
    await on.until('the running app first', (rows) => /^▌loud\.shop/.test(rows[3] ?? ''));
    on.type('S');
    await on.shows('STATE▴');
    on.type('s/loud\r\r');
    await on.shows(`http://loud.shop.localhost:${max.port}`);
    await on.shows(/web\.1 +healthy/);
    // Shown, and not obeyed.
    await on.shows('asked \\x1b]0;pwned\\x07\\x1b[2Jred\\u202e');
    expect(on.text()).toMatch(/[⠁-⣿]/);
    on.type('t');
    await on.shows('span: 15m');
    on.type('l');
    await on.until('the log', (rows) => /web\.1 \| asked/.test(rows.join('\n')) && !rows.join().includes('INSTANCE'));
    on.type('q');
    await on.shows('INSTANCE');
    on.type('?');
    await on.shows('Keys');
    on.type('\x1b');
    await on.lacks('Keys');
    on.type('\x1b');
    await on.shows('REQ/S');
    on.type('q');
    expect((await on.ended).exitCode).toBe(0);
    expect(buffer(on)).toBe('normal');
    expect(on.bytes.toString()).not.toContain('\x1b]0;pwned');
  });

  test('it follows the size of the terminal, and says where that is too small', async () => {
    const on = dashboard([], { env: { NO_COLOR: '1' } });
    await on.shows(/loud\.shop +● running/);
    for (const [columns, rows] of [
      [60, 15],
      [160, 50],
      [50, 12],
    ] as const) {
      on.resize(columns, rows);
      await on.until(`${columns}x${rows}`, (lines) => {
        const isWhole = /Enter open/.test(lines[rows - 1] ?? '') && /● live/.test(lines[0] ?? '');
        return isWhole && /loud\.shop +● running/.test(lines.slice(3, 7).join('\n'));
      });
    }
    on.resize(40, 10);
    await on.shows('The dashboard needs 50x12.');
    on.resize(20, 5);
    await on.shows('This terminal has\n20x5.\nThe dashboard needs\n50x12.\nq quits');
    on.resize(80, 24);
    await on.shows(/loud\.shop +● running/);
    on.type('\x03');
    await on.ended;
    expect(buffer(on)).toBe('normal');
    expect(on.bytes.toString()).not.toMatch(/\x1b\[3[0-8]m/);
  });

  test('keys that were typed while the terminal did not read are answered when it does, each by itself', async () => {
    const on = dashboard();
    await on.shows(/loud\.shop +● running/);
    on.pty.pause();
    on.type(`${'?\x1b'.repeat(200)}s`);
    on.type(`/${'quiet'.split('').join('x\x7f')}`);
    on.pty.resume();
    await on.shows('STATE▾');
    await on.shows('/ quiet_');
    await on.until('the filter', (rows) => !rows.slice(3, 10).join().includes('loud.shop'));
    on.type('\x03');
    expect((await on.ended).exitCode).toBe(0);
  });

  test('it is ASCII where the locale is, and gives the terminal back as it was', async () => {
    const script = `stty -g; "${process.execPath}" "${RIG}" dashboard; echo "exit $?"; stty -g`;
    const env = { ...max.home.env, LANG: 'C' };
    screen = openTerminal('/bin/sh', ['-c', script], { cwd: max.home.dir, env, columns: 140 });
    const on = screen;
    await on.shows(/loud\.shop +\* running/);
    expect(on.text()).toMatch(/^[\x20-\x7e\n]*$/);
    expect(buffer(on)).toBe('alternate');
    on.type('q');
    await on.ended;
    const [before, code, after] = on.rows();
    expect(code).toBe('exit 0');
    expect(after).toBe(before);
    expect(buffer(on)).toBe('normal');
    expect(on.bytes.toString().lastIndexOf('\x1b[?25h')).toBeGreaterThan(on.bytes.toString().lastIndexOf('\x1b[?25l'));
  });

  test('it gives the terminal back when it is ended by SIGTERM', async () => {
    const on = dashboard();
    await on.shows(/loud\.shop/);
    on.kill('SIGTERM');
    await on.ended;
    expect(buffer(on)).toBe('normal');
    expect(on.text()).not.toContain('loud.shop');
  });

  test('a shell in its place that is killed leaves nothing behind, and one that is open ends with it, in that order', async () => {
    const script = `stty -g; "${process.execPath}" "${RIG}" dashboard --filter loud; echo "exit $?"; stty -g`;
    screen = openTerminal('/bin/sh', ['-c', script], { cwd: max.home.dir, env: max.home.env });
    const on = screen;
    const openShell = async (): Promise<number> => {
      await on.shows(/loud\.shop +● running/);
      await on.shows('x shell');
      on.type('x');
      await on.shows(/^loud\.shop web\.1 [#$]$/m);
      return childOf(childOf(on.pty.pid));
    };
    const first = await openShell();
    on.type("printf '\\033[?1049h\\033[?1002h\\033[5;9rdrawn'\r");
    await on.shows(/drawn/);
    await on.until('the mouse', () => on.emulator.modes.mouseTrackingMode === 'drag');
    process.kill(first, 'SIGKILL');
    await on.shows('rig shell was ended by SIGKILL.\nPress any key to go back to the dashboard.');
    on.type(' ');
    await on.shows(/loud\.shop +● running/);
    expect(on.emulator.modes.mouseTrackingMode).toBe('none');
    const second = await openShell();
    process.kill(childOf(on.pty.pid), 'SIGTERM');
    await on.ended;
    expect(() => process.kill(second, 0)).toThrow('ESRCH');
    const lines = on.text().split('\n');
    expect(lines.slice(-2)).toEqual(['exit 130', lines[0]]);
    expect(buffer(on)).toBe('normal');
  });

  test('panels of plugins are shown, and one that fails or hangs holds up nobody', async () => {
    const source = (name: string, ...bodies: string[]): string => `
      import { definePlugin, on, series } from '@rig/plugin-api';
      const panels = series<any>('dashboard:panels');
      const taps = [${bodies.map((body) => `on(panels, ({ add }: any) => { ${body} })`).join(', ')}];
      export default definePlugin({ name: '${name}', taps });`;
    const plugins = {
      faulty: source(
        'faulty',
        "throw new Error('no panel today');",
        'return new Promise(() => {});',
        "add({ id: 'a b', title: 'x' });",
      ),
      good: source('good', "add({ id: 'good', title: 'Mine', text: ['a line \\x1b[2J of mine'] });"),
    };
    for (const [name, text] of Object.entries(plugins))
      await rigOk(max.home, ['plugins', 'link', await makePlugin(max.home, name, text)]);
    try {
      const on = dashboard();
      await on.shows('Mine');
      await on.shows('a line \\x1b[2J of mine');
      on.type('p');
      await on.shows('── Events');
      on.type('q');
      await on.ended;
      // Told once the screen is given back, and once.
      for (const why of ['no panel today', 'did not end within', 'id is not'])
        expect(on.text().replaceAll('\n', '').split(why)).toHaveLength(2);
    } finally {
      for (const name of Object.keys(plugins)) await rigOk(max.home, ['plugins', 'unlink', name]);
    }
  });

  test('hundreds of apps are scrolled, and a Max that dies is told and taken up again', async () => {
    const own = await startMax({ LANG: 'C.UTF-8' });
    await rigOk(own.home, ['create', 'network', 'blog']);
    const create = async (name: string): Promise<void> => {
      const headers = { authorization: `Bearer ${own.token}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ name });
      const { status } = await fetch(`${own.url}/v1/networks/blog/apps`, { method: 'POST', headers, body });
      expect(status).toBe(201);
    };
    const name = (i: number): string => `app-${String(i).padStart(3, '0')}`;
    for (let i = 0; i < 220; i++) await create(name(i));
    screen = rigOnScreen(own.home, ['dashboard']);
    const on = screen;
    await on.shows(/220 apps/);
    on.type('\x1b[6~');
    await on.shows(/▌app-0(?!00)/);
    on.type('\x1b[6~');
    await on.lacks('app-000');
    on.type('G');
    await on.shows(/▌app-219/);
    on.type('g');
    await on.shows(/▌app-000/);
    on.type('j'.repeat(30));
    await on.shows(/▌app-030/);

    process.kill(own.pid, 'SIGKILL');
    await on.shows(/OFFLINE since/);
    await on.shows('Max does not answer');
    await rigOk(own.home, ['max', 'up']);
    await on.shows(/● live/);
    await on.shows(/▌app-030/);
    on.type('q');
    await on.ended;
    await own.stop();
  });
});

test('the example plugin is built as its README says, and shows its panel', async () => {
  await linkErrorBudget(max.home);
  const { panels } = await rigJson<DashboardSnapshot>(max.home, ['dashboard']);
  expect(panels).toEqual([expect.objectContaining({ id: 'error-budget', text: ['No app fails requests.'] })]);
  await rigOk(max.home, ['plugins', 'unlink', 'error-budget']);
});
