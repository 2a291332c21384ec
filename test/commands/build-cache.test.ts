import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AppDetails } from '@rig/plugin-api/max';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answering, askApp, writeTree } from '../support/app.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigJson, rigOk } from '../support/rig.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
});
afterAll(() => max.stop());

/** An app whose build script counts how often it has run in what its framework keeps. */
const APP = {
  'package.json': JSON.stringify({ type: 'module', scripts: { start: 'node server.mjs', build: 'node build.mjs' } }),
  'build.mjs': `import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const file = '.next/cache/count';
const before = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
mkdirSync('.next/cache', { recursive: true });
writeFileSync(file, String(before + 1));
console.log('builds before: ' + before);
`,
  'server.mjs': answering('here'),
};

test('a deploy builds with what the one before has left, with --no-cache without, and the app takes it along', async () => {
  const app = 'api.shop';
  const dir = await writeTree(join(max.home.dir, 'cached'), APP);
  const deploy = (...args: string[]) => rigOk(max.home, ['deploy', dir, '--create', '--app', app, ...args]);
  const shown = async (): Promise<string> => (await rigOk(max.home, ['logs', 'build', app, '--no-follow'])).stdout;
  const kept = async () => (await rigJson<AppDetails>(max.home, ['details', 'app', app])).buildCache.bytes;
  await deploy();
  expect(await shown()).toContain('builds before: 0');
  expect(await kept()).toBeGreaterThan(0);
  await deploy();
  expect(await shown()).toMatch(/restored from the cache of this app: \.next\/cache[\s\S]*builds before: 1/);
  await deploy('--no-cache');
  expect(await shown()).toContain('builds before: 0');
  await deploy();
  expect(await shown()).toContain('builds before: 1');
  expect((await rigOk(max.home, ['details', 'app', app])).stdout).toMatch(/build cache +\d.* kept, at most 2\.0 GB/);
  // The build of v1 went when v4 came.
  const plan = await rigOk(max.home, ['rollback', '--to', 'v1', '--dry-run', '--app', app]);
  expect(plan.stdout).toMatch(/build +no longer kept: v1 is built again from its source first/);
  await rigOk(max.home, ['rollback', '--to', 'v1', '--app', app]);
  expect(await shown()).toContain('the build of v1 is no longer kept: its source is built again');
  expect((await askApp(max, app)).body).toBe('here');
  const id = (await rigJson<AppDetails>(max.home, ['details', 'app', app])).app.id;
  const folder = join(max.home.dir, 'state', 'rig', 'max', 'cache', id);
  expect(existsSync(folder)).toBe(true);
  await rigOk(max.home, ['delete', 'app', app, '--yes']);
  expect(existsSync(folder)).toBe(false);
}, 120_000);
