import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { build } from '../../../../plugins/max/src/build/build.ts';
import { BuildLog } from '../../../../plugins/max/src/build/build-log.ts';
import { detectBuilder } from '../../../../plugins/max/src/build/detect.ts';
import { Log } from '../../../../plugins/max/src/logs/log.ts';

let dir: string;
let folder: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-build-'));
  folder = join(dir, 'app');
  mkdirSync(folder);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
const commands = async (): Promise<string[]> =>
  (await detectBuilder(folder)).steps.map((step) => step.command.join(' '));

test('without dependencies and build script npm does not run', async () => {
  write({ 'package.json': JSON.stringify({ scripts: { start: 'node server.js' } }) });
  expect(await detectBuilder(folder)).toMatchObject({
    steps: [],
    processes: { web: { kind: 'command', command: 'node server.js' } },
  });
});

test('with a lock file npm ci, the build script, and a prune of dev dependencies', async () => {
  const manifest = { scripts: { start: 's', build: 'b' }, dependencies: { a: '1' }, devDependencies: { b: '1' } };
  write({ 'package.json': JSON.stringify(manifest) });
  expect((await commands())[0]).toMatch(/^npm install --include=dev --prefer-offline --no-audit --no-fund$/);
  write({ 'package-lock.json': '{}' });
  expect(await commands()).toEqual([
    'npm ci --include=dev --prefer-offline --no-audit --no-fund',
    'npm run build',
    'npm prune --omit=dev --prefer-offline --no-audit --no-fund',
  ]);
});

test.each([
  [{ 'package.json': '{}', 'server.js': '' }, 'node server.js'],
  [{ 'package.json': '{"main":"lib/main app.js"}', 'lib/main app.js': '' }, "node 'lib/main app.js'"],
  [{ 'package.json': '{"scripts":{"start":"node x"}}', Procfile: '# none\nrelease: x\nweb:  node y  \n' }, 'node y'],
] as Array<[Record<string, string>, string]>)('the start command of %j', async (files, command) => {
  write(files);
  expect((await detectBuilder(folder)).processes.web).toEqual({ kind: 'command', command });
});

test('every line of a Procfile is a process type, and the head of the log says them', async () => {
  write({ Procfile: 'worker: node w\nrelease: ./migrate\nclock-2:node c\n__proto__: x\n- odd\n' });
  const { processes, reason } = await detectBuilder(folder);
  expect(Object.keys(processes)).toEqual(['worker', 'release', 'clock-2']);
  expect(reason).toContain(
    'runs "worker": node w; "clock-2": node c; before them, once for each release, "release": ./migrate',
  );
});

test('a package.json that starts nothing leaves the folder to the next builder', async () => {
  write({ 'package.json': '{"devDependencies":{"x":"1"}}', 'index.html': '' });
  expect((await detectBuilder(folder)).builder).toBe('static: index.html');
});

test.each([
  ['package.json', '{"scripts": ', /package\.json cannot be read/],
  ['package.json', '[]', /no JSON object/],
  ['Procfile', '# nothing\nrelease: x\n', /no line that says what is to run/],
  ['Procfile', Array.from({ length: 33 }, (_, at) => `w${at}: x\n`).join(''), /33 process types, and 32 are the most/],
])('a broken %s is a failed build that says so', async (name, text, reason) => {
  write({ [name]: text });
  await expect(detectBuilder(folder)).rejects.toMatchObject({
    code: 'RIG_BUILD_FAILED',
    message: expect.stringMatching(reason),
  });
});

test('npm installs, builds and prunes for real, with no variable of this process but those for npm', async () => {
  process.env.BUILD_TEST_SECRET = 'do-not-leak';
  const pack = (name: string): Record<string, string> => ({
    [`${name}/package.json`]: JSON.stringify({ name, version: '1.0.0' }),
    [`${name}/index.js`]: `module.exports = '${name}'`,
  });
  write({
    ...pack('dep'),
    ...pack('tool'),
    'package.json': JSON.stringify({
      scripts: { start: 'node server.js', build: 'node build.js' },
      dependencies: { dep: 'file:./dep' },
      devDependencies: { tool: 'file:./tool' },
    }),
    'build.js':
      "require('fs').writeFileSync('out.json', JSON.stringify([require('dep'), require('tool'), process.env]))",
  });
  const log = new BuildLog(Log.open(join(dir, 'log')));
  await build({
    buildId: 'bld_test',
    folder,
    tmp: join(dir, 'tmp'),
    log,
    logCommand: 'rig logs build x',
    signal: new AbortController().signal,
  });
  delete process.env.BUILD_TEST_SECRET;
  const [dep, tool, env] = JSON.parse(await readFile(join(folder, 'out.json'), 'utf8'));
  expect([dep, tool]).toEqual(['dep', 'tool']);
  expect(JSON.stringify(env)).not.toContain('do-not-leak');
  expect(env).toMatchObject({ CI: 'true', TMPDIR: join(dir, 'tmp') });
  await expect(readFile(join(folder, 'node_modules/tool/index.js'))).rejects.toThrow('ENOENT');
  expect(await readFile(join(folder, 'node_modules/dep/index.js'), 'utf8')).toContain('dep');
  const texts = log.log.read(0, { lines: 1000 }).lines.filter((line) => line.stream === 'system');
  expect(texts.map((line) => line.text)).toContain('$ npm run build');
}, 120_000);
