import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigChange } from '@rig/plugin-api/max';
import { afterEach, expect, test } from 'vitest';
import { codeFolder } from '../../../../plugins/max/src/deployments/folders.ts';
import { statePaths } from '../../../../plugins/max/src/store/state-paths.ts';
import { nodeApp, openRuntime, type RuntimeKit } from './kit.ts';

let kit: RuntimeKit;
afterEach(() => kit.remove());

const change = (kind: 'var' | 'secret', values: Record<string, string>, stage = false): ConfigChange =>
  kit.runtime.changeConfig(kit.app(), { kind, set: new Map(Object.entries(values)), names: [], stage });
const apply = async (kind: 'var' | 'secret', values: Record<string, string>) =>
  kit.settled(kit.app(), change(kind, values).deployment!.id);
const environment = async () => JSON.parse((await kit.get(kit.app(), '/env')).text) as Record<string, string>;
const releases = () => kit.runtime.listReleases(kit.app(), { limit: 10, cursor: undefined }).items;

test('a change makes a release of the same code, whose instances have the values', async () => {
  kit = await openRuntime();
  expect(change('var', { A: 'before' }).deployment).toBeNull();
  await kit.deploy(kit.app(), nodeApp('one'));
  expect(await environment()).toMatchObject({ A: 'before', MAX_RELEASE: 'v1' });
  const ended = await apply('secret', { TOKEN: 'line 1\nline "2" $HOME', EMPTY: '', NODE_ENV: 'test' });
  expect(ended).toMatchObject({ kind: 'config', state: 'healthy', release: 2, buildId: null });
  const found = await environment();
  expect(found).toMatchObject({ A: 'before', TOKEN: 'line 1\nline "2" $HOME', EMPTY: '', NODE_ENV: 'test' });
  expect(found).toMatchObject({ MAX_RELEASE: 'v2', PORT: expect.stringMatching(/^\d+$/) });
  const [second, first] = releases();
  expect(first).toMatchObject({ version: 1, vars: 1, secrets: 0, current: false });
  expect(second).toMatchObject({ version: 2, vars: 1, secrets: 1, current: true, buildId: first!.buildId });
  expect(second!.code).toEqual(first!.code);
});

test('what is staged waits for the next deploy, or goes with the next change', async () => {
  kit = await openRuntime();
  await kit.deploy(kit.app(), nodeApp('one'));
  expect(change('var', { A: '1' }, true)).toMatchObject({ version: 1, deployment: null });
  expect((await environment()).A).toBeUndefined();
  await kit.deploy(kit.app(), nodeApp('two'));
  expect((await environment()).A).toBe('1');
  change('var', { A: '2' }, true);
  expect((await apply('var', { B: '3' })).release).toBe(3);
  expect(await environment()).toMatchObject({ A: '2', B: '3' });
});

test('a change that changes nothing makes no release, unless something is staged', async () => {
  kit = await openRuntime();
  await kit.deploy(kit.app(), nodeApp('one'));
  await apply('var', { A: '1' });
  expect(change('var', { A: '1' }).deployment).toBeNull();
  change('var', { A: '2' }, true);
  expect((await apply('var', { A: '2' })).release).toBe(3);
});

test('while a deployment goes on a change is refused whole, and a staged one is kept', async () => {
  kit = await openRuntime();
  await kit.deploy(kit.app(), nodeApp('one'));
  const first = change('var', { A: '1' }).deployment!;
  expect(() => change('var', { A: '2' })).toThrow(/being deployed already/);
  expect(change('var', { B: '1' }, true)).toMatchObject({ version: 2, deployment: null });
  await kit.settled(kit.app(), first.id);
  expect((await environment()).A).toBe('1');
});

test('where the values end the app, the release before goes on with its own', async () => {
  kit = await openRuntime();
  await kit.deploy(
    kit.app(),
    nodeApp('one', "if (process.env.BAD) { console.error('bad setting'); process.exit(4); }"),
  );
  const ended = await apply('var', { BAD: 'yes' });
  expect(ended).toMatchObject({ state: 'failed', failure: { code: 'RIG_INSTANCE_CRASHED' } });
  expect(ended.failure!.lines.join()).toContain('bad setting');
  expect((await environment()).BAD).toBeUndefined();
  expect(await apply('var', { BAD: '' })).toMatchObject({ state: 'healthy', release: 3 });
});

test('no secret is in the environment of a build', async () => {
  kit = await openRuntime();
  change('secret', { TOKEN: 'SENTINEL' });
  change('var', { PLAIN: 'SENTINEL' });
  const tree = nodeApp('one');
  tree['package.json'] = JSON.stringify({ scripts: { build: 'env > env.txt', start: 'node server.js' } });
  const { buildId } = await kit.deploy(kit.app(), tree);
  const text = readFileSync(join(codeFolder(statePaths(kit.dir), buildId!), 'env.txt'), 'utf8');
  expect(text).toContain('NO_COLOR=1');
  expect(text).not.toContain('SENTINEL');
  expect((await environment()).TOKEN).toBe('SENTINEL');
});

test('ten thousand vars reach the app', async () => {
  kit = await openRuntime();
  change('var', Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`KEY_${at}`, 'x'.repeat(100)])));
  await kit.deploy(kit.app(), nodeApp('one'));
  const found = await environment();
  expect(Object.keys(found).filter((key) => key.startsWith('KEY_')).length).toBe(10_000);
});
