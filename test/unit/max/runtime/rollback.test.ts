import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigChange } from '@rig/plugin-api/max';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeApp, openRuntime, type RuntimeKit, until } from './kit.ts';

let kit: RuntimeKit;
beforeEach(async () => {
  kit = await openRuntime();
});
afterEach(() => kit.remove());

const change = (kind: 'var' | 'secret', values: Record<string, string>, stage = false): ConfigChange =>
  kit.runtime.changeConfig(kit.app(), { kind, set: new Map(Object.entries(values)), names: [], stage });
const apply = async (kind: 'var' | 'secret', values: Record<string, string>) =>
  kit.settled(kit.app(), change(kind, values).deployment!.id);
const rollback = async (to?: number) => kit.settled(kit.app(), kit.runtime.rollback(kit.app(), to).id);
const environment = async () => JSON.parse((await kit.get(kit.app(), '/env')).text) as Record<string, string>;
const text = async () => (await kit.get(kit.app(), '/')).text;
const releases = () => kit.runtime.listReleases(kit.app(), { limit: 10, cursor: undefined }).items;

test('a rollback is a new release of the code and the configuration of then', async () => {
  change('var', { A: '1', GONE: 'x' });
  change('secret', { TOKEN: 'old' });
  await kit.deploy(kit.app(), nodeApp('one'));
  change('var', { A: '2', B: '2' }, true);
  await kit.deploy(kit.app(), nodeApp('two'));
  await apply('secret', { TOKEN: 'new' });
  change('var', { STAGED: '1' }, true);
  expect(kit.runtime.planRollback(kit.app(), 1)).toMatchObject({
    from: 3,
    to: 1,
    vars: { set: ['A'], deleted: ['B', 'STAGED'] },
    secrets: { set: ['TOKEN'], deleted: [] },
  });
  expect(await rollback(1)).toMatchObject({ kind: 'rollback', state: 'healthy', release: 4 });
  expect(await text()).toBe('one');
  const found = await environment();
  expect(found).toMatchObject({ A: '1', GONE: 'x', TOKEN: 'old', MAX_RELEASE: 'v4' });
  expect([found.B, found.STAGED]).toEqual([undefined, undefined]);
  const [fourth] = releases();
  expect(fourth).toMatchObject({ version: 4, current: true, buildId: releases()[3]!.buildId });
  // Nothing waits for a release: what is newest is what serves.
  expect(change('var', { A: '1' }).deployment).toBeNull();
  await apply('var', { C: '3' });
  expect(await environment()).toMatchObject({ A: '1', TOKEN: 'old', C: '3' });
});

test('without a version it goes to what served before, and not to what never did', async () => {
  await kit.deploy(kit.app(), nodeApp('one'));
  expect((await kit.deploy(kit.app(), nodeApp('two', 'process.exit(3);'))).state).toBe('failed');
  await kit.deploy(kit.app(), nodeApp('three'));
  await rollback();
  expect(await text()).toBe('one');
  expect(releases()[0]).toMatchObject({ version: 4, current: true });
});

test('one that does not get healthy changes nothing, its vars neither', async () => {
  const crashing = 'if (process.env.BAD) process.exit(3);';
  await kit.deploy(kit.app(), nodeApp('one', crashing));
  await apply('var', { BAD: '1' });
  expect((await apply('var', { BAD: '', A: '1' })).state).toBe('healthy');
  expect(await rollback(2)).toMatchObject({ state: 'failed', failure: { code: 'RIG_INSTANCE_CRASHED' } });
  expect(await environment()).toMatchObject({ BAD: '', A: '1' });
  expect(change('var', { BAD: '', A: '1' }).deployment).toBeNull();
});

test('what cannot be gone back to is refused', async () => {
  const code = (to?: number): string => {
    try {
      kit.runtime.rollback(kit.app(), to);
      return 'begun';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(code()).toBe('RIG_NOTHING_RELEASED');
  await kit.deploy(kit.app(), nodeApp('one'));
  expect([code(), code(1), code(9)]).toEqual(['RIG_RELEASE_NOT_FOUND', 'RIG_RELEASE_CURRENT', 'RIG_RELEASE_NOT_FOUND']);
  for (const name of ['two', 'three', 'four', 'five']) await kit.deploy(kit.app(), nodeApp(name));
  const source = kit.database.get<{ id: string }>('SELECT upload_id AS id FROM releases WHERE version = 1')!.id;
  kit.database.run('DELETE FROM uploads WHERE id = ?', [source]);
  expect(code(1)).toBe('RIG_RELEASE_GONE');
  expect(await text()).toBe('five');
});

const folderOf = (version: number): string => {
  const row = kit.database.get<{ id: string }>('SELECT build_id AS id FROM releases WHERE version = ?', [version])!;
  return join(kit.dir, 'builds', row.id, 'app');
};

test('one whose build is gone is built again from its source, once', async () => {
  for (const name of ['one', 'two', 'three', 'four', 'five']) await kit.deploy(kit.app(), nodeApp(name));
  expect(existsSync(folderOf(1))).toBe(false);
  expect(kit.runtime.planRollback(kit.app(), 4).rebuild).toBe(false);
  expect(kit.runtime.planRollback(kit.app(), 1)).toMatchObject({ from: 5, to: 1, rebuild: true });
  const done = await rollback(1);
  expect(done).toMatchObject({ kind: 'rollback', state: 'healthy', release: 6, buildId: expect.any(String) });
  expect(await text()).toBe('one');
  const { lines } = (await kit.runtime.buildLogs(kit.app(), done.buildId!, { lines: 2, after: 0 }))!;
  expect(lines[1]?.text).toBe('the build of v1 is no longer kept: its source is built again');
  // What is built serves both.
  expect(folderOf(1)).toBe(folderOf(6));
  await rollback(5);
  expect(kit.runtime.planRollback(kit.app(), 1).rebuild).toBe(false);
  expect(await rollback(1)).toMatchObject({ state: 'healthy', buildId: null });
});

test('with its content damaged as well it fails, and what serves goes on', async () => {
  for (const name of ['one', 'two', 'three', 'four', 'five']) await kit.deploy(kit.app(), nodeApp(name));
  const digest = createHash('sha256').update(nodeApp('one')['server.js']!).digest('hex');
  rmSync(join(kit.dir, 'content', digest.slice(0, 2), digest));
  expect(await rollback(1)).toMatchObject({ state: 'failed', failure: { code: 'RIG_RELEASE_GONE' } });
  expect(await text()).toBe('five');
});

test('a build whose folder somebody has removed is made again, whatever goes on from it', async () => {
  await kit.deploy(kit.app(), nodeApp('one'));
  rmSync(join(folderOf(1), '..'), { recursive: true });
  expect(await apply('var', { A: '1' })).toMatchObject({ state: 'healthy', release: 2 });
  expect(existsSync(folderOf(2))).toBe(true);
  expect(await environment()).toMatchObject({ A: '1' });
});

test('the build that a rollback is about to start from stays while its release command runs', async () => {
  await kit.close();
  kit = await openRuntime({ dir: kit.dir, tuning: { keptReleases: 0 } });
  const app = kit.app();
  const home = join(kit.dir, 'apps', app.id, 'home');
  const waits = (file: string): string =>
    `const file = process.env.HOME + '/${file}'; const there = () => require('node:fs').existsSync(file);`;
  await kit.deploy(app, {
    Procfile: 'release: node migrate.js\nweb: node server.js\n',
    'migrate.js': `${waits('migrating')} if (there()) console.log('migrates'); setInterval(() => there() || process.exit(0), 10);`,
    'server.js': `${waits('slow')} require('node:http').createServer((req, res) => {
      if (req.url !== '/slow') return res.end('one');
      require('node:fs').writeFileSync(file, '');
      setInterval(() => there() || res.end('one'), 10);
    }).listen(process.env.PORT);`,
  });
  const slow = kit.get(app, '/slow');
  await until(() => (existsSync(join(home, 'slow')) ? true : undefined));
  await kit.deploy(app, nodeApp('two'));
  writeFileSync(join(home, 'migrating'), '');
  const { id } = kit.runtime.rollback(app, 1);
  const said = async () => (await kit.runtime.appLogs(app, { lines: 100, after: undefined })).lines;
  await until(async () => ((await said()).some((line) => line.text === 'migrates') ? true : undefined));
  // The last request of v1 ends, and v1 with it: nothing runs from its build any more.
  rmSync(join(home, 'slow'));
  expect((await slow).text).toBe('one');
  await until(async () => ((await kit.runtime.status(app)).instances.length === 1 ? true : undefined));
  expect(await text()).toBe('two');
  rmSync(join(home, 'migrating'));
  expect(await kit.settled(app, id)).toMatchObject({ state: 'healthy', failure: null });
  expect(await text()).toBe('one');
});
