import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deploy, writeNodeApp, writeTree } from '../support/app.ts';
import { HOSTILE_LINE, obeyed, SAYS_HOSTILE } from '../support/hostile.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rig, rigOk } from '../support/rig.ts';
import { rigOnScreen, type TerminalScreen } from '../support/terminal.ts';

const SERVER = `import { createServer } from 'node:http';
${SAYS_HOSTILE}
createServer((request, response) => response.end('hi')).listen(process.env.PORT);
process.once('SIGTERM', () => process.exit(0));
`;

const node = (start: string, build = 'true'): Record<string, string> => ({
  'package.json': JSON.stringify({ scripts: { start, build } }),
});

let max: RunningMax;
let screen: TerminalScreen | undefined;
beforeAll(async () => {
  max = await startMax();
  const dir = await writeNodeApp(join(max.home.dir, 'says'), SERVER, { build: 'node says.mjs' });
  await writeTree(dir, { 'says.mjs': SAYS_HOSTILE });
  await deploy(max, 'says.shop', dir);
});
afterEach(async () => {
  await screen?.close();
  screen = undefined;
});
afterAll(() => max?.stop());

const onScreen = (args: readonly string[], size = { columns: 200, rows: 60 }): TerminalScreen => {
  screen = rigOnScreen(max.home, args, size);
  return screen;
};

/** What is seen of it, whatever came before on its line. */
const SHOWN = '\\x1b]0;OWNED\\x07';

test.each([
  ['the log of an app', ['logs', 'app', 'says.shop', '--no-follow']],
  [
    'the log of an app, as its newest lines',
    ['logs', 'app', 'says.shop', '--lines', '20', '--no-follow', '--color=always'],
  ],
  ['the log of a network', ['logs', 'network', 'shop', '--no-follow']],
  ['the log of a build', ['logs', 'build', 'says.shop', '--no-follow']],
])('%s shows what a terminal would obey', async (_, args) => {
  const shown = onScreen(args);
  expect((await shown.ended).exitCode).toBe(0);
  expect(shown.text().replaceAll('\n', '')).toContain(SHOWN);
  expect(obeyed(shown)).toEqual([]);
});

test('a log that is followed shows it too', async () => {
  const shown = onScreen(['logs', 'app', 'says.shop']);
  await shown.shows(SHOWN);
  shown.type('\x03');
  expect((await shown.ended).exitCode).toBe(130);
  expect(obeyed(shown)).toEqual([]);
});

/** Paths cannot have a backslash, or a slash within a name. */
const NAME = HOSTILE_LINE.replaceAll(/[\\/]/g, '');

test.each<[what: string, files: Record<string, string>, seen: string]>([
  ['the output of a build', { ...node('exit 3', 'node says.mjs'), 'says.mjs': SAYS_HOSTILE }, SHOWN],
  ['the last lines of what does not start', { ...node('node says.mjs; exit 3'), 'says.mjs': SAYS_HOSTILE }, SHOWN],
  ['a command of a package', node(`echo "${HOSTILE_LINE}"; exit 5`), SHOWN],
  ['a command of a Procfile', { Procfile: `web: echo "${HOSTILE_LINE.replaceAll('\r', '')}"; exit 4\n` }, SHOWN],
  ['a process type of a Procfile', { Procfile: `web: exit 4\nw\x1b]0;OWNED\x07b: true\n` }, 'failed'],
  ['a package that cannot be read', { 'package.json': `{"scripts": "${HOSTILE_LINE}` }, 'package.json cannot be read'],
  ['a path', { ...node('exit 7'), [`${NAME}/${NAME}`]: 'x' }, 'failed'],
  ['a path that is refused', { ...node('exit 7'), [`\\${NAME}`]: 'x' }, 'RIG_BAD_PATH'],
])('a deploy shows %s', async (what, files, seen) => {
  const app = `${what.replaceAll(/[^a-z]/gi, '').toLowerCase()}.shop`;
  const dir = await writeTree(join(max.home.dir, 'trees', app), files);
  const shown = onScreen(['deploy', dir, '--app', app, '--create']);
  expect((await shown.ended).exitCode).not.toBe(0);
  expect(shown.text()).toContain(seen);
  expect(obeyed(shown)).toEqual([]);
});

test('what Max tells of all that shows it too', async () => {
  for (const args of [
    ['events', '--network', 'shop', '--no-follow'],
    ['status', 'network', 'shop'],
    ['details', 'app', 'thelastlinesofwhatdoesnotstart.shop'],
    ['list', 'deployments', '--app', 'theoutputofabuild.shop'],
  ]) {
    const told = onScreen(args);
    await told.ended;
    expect({ args, obeyed: obeyed(told) }).toEqual({ args, obeyed: [] });
    await told.close();
  }
});

test('what is typed is shown in the errors that name it', async () => {
  for (const args of [
    ['status', 'app', HOSTILE_LINE],
    ['create', 'network', HOSTILE_LINE],
    ['logs', 'app', 'says.shop', '--grep', `(${HOSTILE_LINE}`, '--no-follow'],
    ['events', '--type', HOSTILE_LINE],
    ['deploy', HOSTILE_LINE, '--app', 'says.shop'],
    [HOSTILE_LINE],
    ['list', 'apps', `--${HOSTILE_LINE}`],
  ]) {
    const shown = onScreen(args);
    expect((await shown.ended).exitCode).not.toBe(0);
    expect({ args, obeyed: obeyed(shown) }).toEqual({ args, obeyed: [] });
    await shown.close();
  }
});

test('values of vars are shown', async () => {
  // An app of its own: what a command of this one is given would be blotted out.
  await rigOk(max.home, ['create', 'app', 'vars.shop']);
  const { exitCode, stderr } = await rig(max.home, [
    'create',
    'var',
    `TEXT=${HOSTILE_LINE}`,
    '--app',
    'vars.shop',
    '--stage',
  ]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  for (const args of [
    ['list', 'vars', '--app', 'vars.shop'],
    ['details', 'app', 'vars.shop'],
    ['list', 'vars', '--app', 'vars.shop', '-o', 'yaml'],
    ['list', 'vars', '--app', 'vars.shop', '-o', 'json'],
  ]) {
    const shown = onScreen(args);
    expect((await shown.ended).exitCode).toBe(0);
    expect({ args, obeyed: obeyed(shown) }).toEqual({ args, obeyed: [] });
    await shown.close();
  }
});

test('a command shows what it wrote, on a terminal, and as whom it ran', async () => {
  for (const args of [
    ['command', '--app', 'says.shop', '--', 'node', 'says.mjs'],
    ['command', '--app', 'says.shop', '--all', '--', 'node', 'says.mjs'],
    ['command', '--app', 'says.shop', '--', 'sh', '-c', 'node says.mjs >&2'],
    ['command', '--app', 'says.shop', '-o', 'json', '--', 'node', 'says.mjs'],
    ['command', '--app', 'says.shop', '--detach', '--', 'true', HOSTILE_LINE],
    ['command', 'list', '--app', 'says.shop'],
    ['list', 'audit', '--app', 'says.shop'],
    ['list', 'audit', '--app', 'says.shop', '--limit', '1', '-o', 'yaml'],
  ]) {
    const shown = onScreen(args);
    expect({ args, exitCode: (await shown.ended).exitCode }).toEqual({ args, exitCode: 0 });
    expect(shown.text()).toContain(args.includes('--detach') ? 'ses_' : args.includes('--limit') ? 'command' : 'OWNED');
    // Colours, and a line that is drawn anew, are the command's own.
    const beyond = obeyed(shown).filter((what) => what !== 'its colour' && what !== 'text over other text');
    expect({ args, beyond }).toEqual({ args, beyond: [] });
    await shown.close();
  }
});

test('the dashboard shows the lines of an app', async () => {
  const shown = onScreen(['status', 'dashboard'], { columns: 120, rows: 40 });
  await shown.shows('says');
  await rigOk(max.home, ['restart', 'app', 'says.shop']);
  shown.type('/says\r\r');
  await shown.shows('OWNED');
  shown.type('q');
  shown.type('q');
  expect(obeyed(shown, true)).toEqual([]);
});
