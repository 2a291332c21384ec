import { join } from 'node:path';
import type { Deployment, Release } from '@rig/plugin-api/max';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { answering, askApp, type Deployed, deploy, writeNodeApp } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigJson, rigOk, spawnRig } from '../support/rig.ts';

let max: RunningMax;
let app: string;
let counter = 0;
beforeAll(async () => {
  max = await startMax();
});
afterAll(() => max.stop());
beforeEach(() => {
  app = `app-${++counter}.shop`;
});

const json = <T>(...args: string[]): Promise<T> => rigJson<T>(max.home, [...args, '--app', app]);
const ok = (...args: string[]) => rigOk(max.home, [...args, '--app', app]);
const write = (text: string, scripts?: Record<string, string>): Promise<string> =>
  writeNodeApp(join(max.home.dir, app, text), answering(text), scripts);
/** A build that goes on until it is ended. */
const slow = (): Promise<string> => write('slow', { build: 'echo building; sleep 600' });
const detach = async (): Promise<string> => (await json<Deployed>('deploy', await slow(), '--detach')).deployment;

test('rollback makes a new release of what served before, and says first what would change', async () => {
  await deploy(max, app, await write('one'));
  await ok('create', 'var', 'A=1');
  await deploy(max, app, await write('two'));
  const plan = await ok('rollback', '--to', 'v1', '--dry-run');
  expect(plan.stdout).toMatch(/a new one, made of v1 in the place of v3/);
  expect(plan.stdout).toMatch(/code +[0-9a-f]{12} becomes [0-9a-f]{12}/);
  expect(plan.stdout).toMatch(/vars +A goes\nsecrets +the same/);
  expect((await askApp(max, app)).body).toBe('two');
  expect(await json('rollback', '--to', '1', '--dry-run')).toMatchObject({ dryRun: true, from: 3, to: 1 });
  expect(await json('rollback')).toMatchObject({ kind: 'rollback', state: 'healthy', release: 4 });
  expect((await askApp(max, app)).body).toBe('one');
  expect(await json('list', 'vars')).toMatchObject([{ name: 'A', value: '1', staged: false }]);
  await ok('rollback', '--to', 'v1');
  expect(await json('list', 'vars')).toEqual([]);
  const releases = await json<Release[]>('list', 'releases');
  expect(releases.map(({ version, current }) => [version, current])[0]).toEqual([5, true]);
});

test('rollback refuses what is no release', async () => {
  await deploy(max, app, await write('one'));
  const hint = /rig list releases/;
  const refused = (to: string, code: string, exitCode: number) =>
    expectFailure(max.home, ['rollback', '--to', to, '--app', app], { code, exitCode, message: /v1|v9|latest/, hint });
  await refused('latest', 'RIG_BAD_OPTION', 2);
  await refused('v9', 'RIG_RELEASE_NOT_FOUND', 3);
  await refused('v1', 'RIG_RELEASE_CURRENT', 5);
});

test('a detached deployment goes on, is in the way of another, is attached to and cancelled', async () => {
  await deploy(max, app, await write('one'));
  const id = await detach();
  await expectFailure(max.home, ['deploy', await write('two'), '--app', app], {
    code: 'RIG_DEPLOY_IN_PROGRESS',
    exitCode: 5,
    message: new RegExp(id),
    hint: /rig deploy attach .*rig deploy cancel/,
  });
  const attached = spawnRig(max.home, ['deploy', 'attach', '--app', app]);
  await new Promise<void>((resolve) =>
    attached.stderr?.on('data', (text) => /building/.test(String(text)) && resolve()),
  );
  expect(await json<Deployment>('deploy', 'cancel', id)).toMatchObject({ deployment: id, state: 'cancelled' });
  const { exitCode, stderr } = await attached;
  expect({ exitCode, said: /RIG_DEPLOY_CANCELLED/.test(String(stderr)) }).toEqual({ exitCode: 1, said: true });
  expect((await askApp(max, app)).body).toBe('one');
});

test('attach and cancel of what has ended say how it ended, and of what is not there that', async () => {
  const { deployment } = await deploy(max, app, await write('one'));
  expect(await json('deploy', 'attach')).toMatchObject({ deployment, state: 'healthy', release: 1 });
  await expectFailure(max.home, ['deploy', 'cancel', deployment, '--app', app], {
    code: 'RIG_DEPLOY_ENDED',
    exitCode: 5,
    message: /healthy/,
    hint: /rig status app/,
  });
  for (const what of ['attach', 'cancel'])
    await expectFailure(max.home, ['deploy', what, 'dep_nope', '--app', app], {
      code: 'RIG_DEPLOYMENT_NOT_FOUND',
      exitCode: 3,
      message: /dep_nope/,
      hint: /rig list deployments/,
    });
});
