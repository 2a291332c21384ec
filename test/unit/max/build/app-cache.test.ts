import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BuildCaches } from '../../../../plugins/max/src/build/cache/build-caches.ts';

let dir: string;
let root: string;
let caches: BuildCaches;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-cache-'));
  root = join(dir, 'app');
  caches = new BuildCaches(join(dir, 'cache'));
  mkdirSync(join(root, 'node_modules/dep'), { recursive: true });
  writeFileSync(join(root, 'node_modules/dep/index.js'), 'dep', { mode: 0o755 });
  symlinkSync('dep/index.js', join(root, 'node_modules/link'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const context = (signal = new AbortController().signal) => ({
  buildId: 'bld_cache',
  env: { PATH: process.env.PATH! },
  signal,
});
const lock = { 'package-lock.json': 'a', 'the version of Node': 'v20' };
const save = (app = 'app_1') =>
  caches.ofApp(app).save('node_modules', lock, { root, paths: ['node_modules'] }, context());
let places = 0;
/** Restores into a new folder; gives what came of it and the folder. */
async function restore(fingerprint: Record<string, string> = lock, app = 'app_1') {
  const target = join(dir, `target-${++places}`);
  mkdirSync(target);
  const place = { root: target, tmp: join(dir, 'tmp') };
  return { target, restored: await caches.ofApp(app).restore('node_modules', fingerprint, place, context()) };
}
const filesOf = (app = 'app_1') => readdirSync(join(dir, 'cache', app)).sort();

test('what was kept comes back as it was, and nothing that happens to it reaches the cache', async () => {
  expect(await save()).toMatchObject({ bytes: expect.any(Number) });
  for (const _ of ['first', 'second']) {
    const { target, restored } = await restore();
    expect(restored).toMatchObject({ hit: true, root });
    expect(readFileSync(join(target, 'node_modules/link'), 'utf8')).toBe('dep');
    // As a running app might.
    writeFileSync(join(target, 'node_modules/dep/index.js'), 'changed in place');
  }
  expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  expect(await caches.bytesOf('app_1')).toBeGreaterThan(0);
});

test('without an entry, or for something else, nothing is restored, and why is said', async () => {
  expect((await restore()).restored).toEqual({ hit: false, why: 'nothing is cached yet' });
  await save();
  const other = { 'package-lock.json': 'b', '.npmrc': 'c', 'the version of Node': 'v20' };
  expect((await restore(other)).restored).toEqual({ hit: false, why: 'changed since: package-lock.json, .npmrc' });
});

test.each([
  ['cut short', (file: string) => truncateSync(file, 700)],
  [
    'changed',
    (file: string) => {
      const bytes = readFileSync(file);
      bytes[600]! ^= 1;
      writeFileSync(file, bytes);
    },
  ],
  ['gone', (file: string) => rmSync(file)],
])('an archive that is %s is not used, and is removed', async (_how, harm) => {
  await save();
  harm(join(dir, 'cache/app_1', filesOf().find((name) => name.endsWith('.tar'))!));
  const { target, restored } = await restore();
  expect(restored).toMatchObject({ hit: false, why: expect.stringContaining('removed') });
  expect(readdirSync(target)).toEqual([]);
  expect(filesOf()).toEqual([]);
  await save();
  expect((await restore()).restored.hit).toBe(true);
});

test('an entry that cannot be read is none', async () => {
  await save();
  writeFileSync(join(dir, 'cache/app_1/node_modules.json'), '{"format":1');
  expect((await restore()).restored).toMatchObject({ hit: false, why: expect.stringContaining('damaged') });
});

test('one that is interrupted leaves what was kept before, and nothing half', async () => {
  await save();
  const before = filesOf();
  const control = new AbortController();
  writeFileSync(join(root, 'node_modules/dep/big'), Buffer.alloc(8 * 1024 * 1024));
  const saving = caches
    .ofApp('app_1')
    .save('node_modules', lock, { root, paths: ['node_modules'] }, context(control.signal));
  control.abort(new Error('cancelled'));
  await expect(saving).rejects.toThrow('cancelled');
  expect(filesOf()).toEqual(before);
  // What a Max that was killed has left goes at the next start.
  writeFileSync(join(dir, 'cache/app_1/node_modules.1.new'), 'half');
  await caches.clean();
  expect(filesOf()).toEqual(before);
});

test('one archive takes the place of the one before', async () => {
  await save();
  writeFileSync(join(root, 'node_modules/dep/index.js'), 'newer');
  await save();
  expect(filesOf()).toHaveLength(2);
  const { target } = await restore();
  expect(readFileSync(join(target, 'node_modules/dep/index.js'), 'utf8')).toBe('newer');
});

test('what is larger than an app may have is not kept', async () => {
  caches = new BuildCaches(join(dir, 'cache'), { appBytes: 4096, totalBytes: 1e9 });
  expect(await save()).toMatchObject({ why: expect.stringContaining('there is room for') });
  expect(filesOf()).toEqual([]);
});

test('beyond the size of all, what was not used for longest goes', async () => {
  const { bytes } = (await save('app_1')) as { bytes: number };
  caches = new BuildCaches(join(dir, 'cache'), { appBytes: 1e9, totalBytes: 2 * bytes });
  await save('app_2');
  expect((await restore(lock, 'app_1')).restored.hit).toBe(true);
  await save('app_3');
  expect([filesOf('app_1').length, filesOf('app_2').length, filesOf('app_3').length]).toEqual([2, 0, 2]);
});

test('a path that the tree has itself is left alone where that is asked', async () => {
  await save();
  const target = join(dir, 'own');
  mkdirSync(join(target, 'node_modules'), { recursive: true });
  writeFileSync(join(target, 'node_modules/own'), '');
  const place = { root: target, tmp: join(dir, 'tmp'), keepExisting: true };
  const restored = await caches.ofApp('app_1').restore('node_modules', lock, place, context());
  expect(restored).toMatchObject({ hit: true, paths: [] });
  expect(readdirSync(join(target, 'node_modules'))).toEqual(['own']);
});
