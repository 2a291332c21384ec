import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { build } from '../../../../plugins/max/src/build/build.ts';
import { BuildLog } from '../../../../plugins/max/src/build/build-log.ts';
import { BuildCaches } from '../../../../plugins/max/src/build/cache/build-caches.ts';
import { Log } from '../../../../plugins/max/src/logs/log.ts';
import { type PackageIndex, startPackageIndex } from '../../../support/package-index.ts';
import { noPython } from '../../../support/python.ts';

let dir: string;
let index: PackageIndex;
let caches: BuildCaches;
let builds: number;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'max-cached-'));
  index = await startPackageIndex();
  caches = new BuildCaches(join(dir, 'cache'));
  builds = 0;
  vi.stubEnv('npm_config_registry', index.npm);
  vi.stubEnv('npm_config_cache', join(dir, 'npm'));
  vi.stubEnv('PIP_INDEX_URL', index.simple);
  vi.stubEnv('PIP_CACHE_DIR', join(dir, 'pip'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await index.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Builds a tree in a folder of its own, as each build has one; gives the folder and what Max said. */
async function run(tree: Record<string, string>, options: { fresh?: boolean } = {}) {
  const at = join(dir, `bld_${++builds}`);
  const folder = join(at, 'app');
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const log = new BuildLog(Log.open(join(at, 'log')));
  const cached = { cache: caches.ofApp('app_1'), fresh: options.fresh ?? false };
  const signal = new AbortController().signal;
  const failed = await build({
    buildId: `bld_${builds}`,
    folder,
    tmp: join(at, 'tmp'),
    log,
    logCommand: 'x',
    signal,
    cached,
  })
    .then(() => false)
    .catch(() => true);
  const { lines } = log.log.read(0, { lines: 1000 });
  const said = lines.filter((line) => line.stream === 'system').map((line) => line.text);
  return { folder, failed, said: said.slice(1), all: lines.map((line) => line.text).join('\n') };
}

/** An app with one dependency of that version. */
function app(version: string, scripts: object = {}, more: Record<string, string> = {}): Record<string, string> {
  const dep = index.addNpm('dep', version, { 'index.js': `module.exports = '${version}'` });
  const dependencies = { dep: version };
  return {
    'package.json': JSON.stringify({
      name: 'app',
      version: '1.0.0',
      scripts: { start: 'node x', ...scripts },
      dependencies,
    }),
    'package-lock.json': JSON.stringify({
      name: 'app',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: { '': { name: 'app', version: '1.0.0', dependencies }, 'node_modules/dep': dep },
    }),
    ...more,
  };
}
const CI = '$ npm ci --include=dev --prefer-offline --no-audit --no-fund';
const HIT = expect.stringMatching(/^dependencies unchanged: node_modules restored from the cache of this app \(/);
const KEPT = expect.stringMatching(/^kept for the next build of this app: node_modules \(/);
const depOf = (folder: string): string => readFileSync(join(folder, 'node_modules/dep/index.js'), 'utf8');

test('node_modules come from the cache until what they are made from changes, and npm does not run', async () => {
  expect((await run(app('1.0.0'))).said).toEqual(['dependencies are installed: nothing is cached yet', CI, KEPT]);
  await index.close();
  rmSync(join(dir, 'npm'), { recursive: true });
  const second = await run(app('1.0.0'));
  expect(second.said).toEqual([HIT]);
  expect(depOf(second.folder)).toContain('1.0.0');
  index = await startPackageIndex();
  vi.stubEnv('npm_config_registry', index.npm);
  const changed = await run(app('2.0.0'));
  expect(changed.said).toEqual([
    'dependencies are installed: changed since: package.json, package-lock.json',
    CI,
    KEPT,
  ]);
  expect(depOf(changed.folder)).toContain('2.0.0');
  const asked = await run(app('2.0.0'), { fresh: true });
  expect(asked.said).toEqual(['dependencies are installed: without the cache, as asked', CI, KEPT]);
  const configured = await run(app('2.0.0', {}, { '.npmrc': 'fund=false\n' }));
  expect(configured.said[0]).toBe('dependencies are installed: changed since: .npmrc');
}, 120_000);

test('a damaged cache is a plain build; one of a build that failed later serves the next', async () => {
  const failing = app('1.0.0', { build: 'exit 3' });
  expect(await run(failing)).toMatchObject({ failed: true, said: expect.arrayContaining([KEPT]) });
  expect(await run(failing)).toMatchObject({ failed: true, said: expect.arrayContaining([HIT]) });
  const entry = JSON.parse(readFileSync(join(dir, 'cache/app_1/node_modules.json'), 'utf8')) as { file: string };
  writeFileSync(join(dir, 'cache/app_1', entry.file), 'rubbish');
  const { said, folder } = await run(failing);
  expect(said.slice(0, 2)).toEqual(['dependencies are installed: the cached copy was damaged and is removed', CI]);
  expect(depOf(folder)).toContain('1.0.0');
}, 120_000);

test.each([
  ['an install script', { postinstall: 'node -e 0' }, {}, /"postinstall" script, which may need any file/],
  ['packages of its own', {}, { 'lock-extra': '"link": true' }, /names packages that are part of the app/],
])('dependencies of an app with %s are installed each time', async (_what, scripts, extra, why) => {
  const tree = app('1.0.0', scripts);
  if ('lock-extra' in extra) {
    const lock = JSON.parse(tree['package-lock.json']!) as { packages: Record<string, object> };
    lock.packages['node_modules/own'] = { resolved: 'own', link: true };
    lock.packages.own = { version: '1.0.0' };
    const manifest = JSON.parse(tree['package.json']!) as { dependencies: object };
    Object.assign(manifest.dependencies, { own: 'file:own' });
    (lock.packages[''] as { dependencies: object }).dependencies = manifest.dependencies;
    Object.assign(tree, {
      'package.json': JSON.stringify(manifest),
      'package-lock.json': JSON.stringify(lock),
      'own/package.json': '{"name":"own","version":"1.0.0"}',
    });
  }
  const { said, failed } = await run(tree);
  expect(failed).toBe(false);
  expect(said[0]).toMatch(/^dependencies are installed anew and not cached: /);
  expect(said[0]).toMatch(why);
  expect(said[1]).toBe(CI);
  expect(existsSync(join(dir, 'cache/app_1/node_modules.json'))).toBe(false);
});

test('what a framework keeps is there at the next build, and only what a build that succeeded has left', async () => {
  const script = `
    const fs = require('node:fs');
    const file = '.next/cache/count';
    const count = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0;
    fs.mkdirSync('.next/cache', { recursive: true });
    fs.writeFileSync(file, String(count + 1));
    console.log('count ' + count);
    if (fs.existsSync('fail')) process.exit(1);`;
  const tree = {
    'package.json': JSON.stringify({ scripts: { start: 'node x', build: 'node build.js' } }),
    'build.js': script,
  };
  expect((await run(tree)).all).toContain('count 0');
  const failing = await run({ ...tree, fail: '' });
  expect([failing.failed, failing.all]).toEqual([true, expect.stringContaining('count 1')]);
  const third = await run(tree);
  expect(third.all).toContain('count 1');
  expect(third.said[0]).toMatch(/^restored from the cache of this app: \.next\/cache \(/);
  expect((await run(tree, { fresh: true })).all).toContain('count 0');
  expect((await run({ ...tree, '.next/cache/count': '7' })).all).toContain('count 7');
  const none = { ...tree, 'build.js': '' };
  await run(none, { fresh: true });
  expect((await run(tree)).all).toContain('count 0');
});

test.skipIf(noPython())(
  'pip installs from an index; with it gone the next build has its packages and their programs',
  async () => {
    index.addWheel(
      'greet',
      '1.0',
      { 'greet.py': 'import sys\ndef main(): print("hello from", sys.prefix)\n' },
      '[console_scripts]\ngreet = greet:main\n',
    );
    const tree = { 'requirements.txt': '# ours\ngreet==1.0\n', 'main.py': 'import greet; greet.main()\n' };
    const greet = (folder: string) => [
      execFileSync(join(folder, '.venv/bin/python'), ['main.py'], { cwd: folder, encoding: 'utf8' }).trim(),
      execFileSync(join(folder, '.venv/bin/greet'), { encoding: 'utf8' }).trim(),
    ];
    const first = await run(tree);
    expect(first.said).toContain(
      '$ ./.venv/bin/python -m pip install --disable-pip-version-check --no-input -r requirements.txt',
    );
    expect(index.asked).toContain('/files/greet-1.0-py3-none-any.whl');
    const hello = (folder: string) => `hello from ${join(folder, '.venv')}`;
    expect(greet(first.folder)).toEqual([hello(first.folder), hello(first.folder)]);
    await index.close();
    rmSync(join(dir, 'pip'), { recursive: true, force: true });
    const second = await run(tree);
    rmSync(first.folder, { recursive: true });
    expect(second.said).toEqual([expect.stringMatching(/^dependencies unchanged: \.venv restored/)]);
    expect(greet(second.folder)).toEqual([hello(second.folder), hello(second.folder)]);
    expect(readFileSync(join(second.folder, '.venv/bin/activate'), 'utf8')).toContain(join(second.folder, '.venv'));
  },
  120_000,
);
