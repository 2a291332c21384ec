import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { AppDetails, AppStatus, LogLine, Release } from '@rig/plugin-api/max';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, askApp, deploy, writeTree } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
  const source = answering('x').replace('response.end("x")', 'response.end(String(process.pid))');
  const app = await writeTree(join(max.home.dir, 'app'), {
    Procfile: 'web: node server.mjs\nworker: node worker.mjs\n',
    'server.mjs': source,
    'worker.mjs': "console.log('at work'); setInterval(() => {}, 1000);",
  });
  await deploy(max, 'api.shop', app);
});
afterAll(() => max.stop());

const json = <T>(...args: string[]): Promise<T> => rigJson<T>(max.home, args);
const ok = async (...args: string[]): Promise<string> => (await rigOk(max.home, args)).stdout;
const status = () => json<AppStatus>('status', 'app', 'api.shop');

// One app from its first release on.
describe('the life of an app', { shuffle: false }, () => {
  test('status, details and logs tell the process types apart', async () => {
    expect(await status()).toMatchObject({
      app: { state: 'running' },
      formation: { web: 1, worker: 1 },
      instances: [
        { name: 'web.1', process: 'web', state: 'healthy' },
        { name: 'worker.1', process: 'worker', state: 'healthy', port: null },
      ],
    });
    expect(await ok('status', 'app', 'api.shop')).toMatch(/healthy +web 1, worker 1/);
    expect(await ok('details', 'app', 'api.shop')).toMatch(/instances +web 1, worker 1/);
    const lines = await json<LogLine[]>('logs', 'app', 'api.shop', '--instance', 'worker', '--no-follow');
    expect(lines).toMatchObject([{ instance: 'worker.1', text: 'at work' }]);
  });

  test('a scale adds and takes away, makes no release and leaves the others alone', async () => {
    const before = (await status()).instances.map(({ pid }) => pid);
    expect(await json('scale', 'app', 'api.shop', 'web=2', 'worker=0')).toMatchObject({
      app: 'api',
      release: 1,
      formation: { web: 2, worker: 0 },
      stopped: false,
    });
    expect(await json('details', 'app', 'api.shop')).toMatchObject<Partial<AppDetails>>({
      instances: 2,
      formation: { web: 2, worker: 0 },
    });
    const pids = new Set<string>();
    while (pids.size < 2) pids.add((await askApp(max, 'api.shop')).body);
    expect(pids).toContain(String(before[0]));
    expect(await ok('scale', 'app', 'api.shop', '--instances', '1')).toBe('api.shop runs web 1.\n');
    expect(await ok('scale', 'app', 'api.shop', '--instances', '1', '--process', 'worker')).toBe(
      'api.shop runs worker 1.\n',
    );
    expect(await json<Release[]>('list', 'releases', '--app', 'api.shop')).toHaveLength(1);
  });

  test('a stopped app is told as that everywhere, stays stopped through a change of vars, and starts', async () => {
    expect(await ok('stop', 'app', 'api.shop')).toBe('Stopped api.shop.\nStart it again: rig start app api.shop\n');
    const stopped = await status();
    expect(stopped).toMatchObject({ app: { state: 'stopped', release: 1 }, instances: [] });
    expect(stopped.events[0]).toMatchObject({ type: 'app.stopped', text: 'app api.shop was stopped' });
    expect(await askApp(max, 'api.shop')).toMatchObject({
      status: 503,
      body: expect.stringMatching(/RIG_APP_STOPPED/),
    });
    expect(await ok('stop', 'app', 'api.shop')).toMatch(/^api\.shop is stopped already\.\n/);
    expect(await json('stop', 'app', 'api.shop')).toEqual({ app: 'api', network: 'shop', already: true });
    expect(await ok('list', 'apps')).toMatch(/api +shop +stopped +v1/);
    expect(await ok('status', 'app', 'api.shop')).toContain('Stopped: rig start app api.shop');

    expect(await ok('create', 'var', 'A=1', '--app', 'api.shop')).toContain(
      'v2 of api.shop is released, and the app stays stopped: rig start app api.shop',
    );
    expect(await ok('scale', 'app', 'api.shop', '--instances', '2')).toContain('is stopped, and has web 2 once it is');
    expect(await status()).toMatchObject({ app: { state: 'stopped', release: 2 }, instances: [] });

    expect(await ok('start', 'app', 'api.shop')).toBe('v2 of api.shop serves.\n');
    expect((await status()).instances.map(({ name, release }) => [name, release])).toEqual([
      ['web.1', 2],
      ['web.2', 2],
      ['worker.1', 2],
    ]);
    expect(await ok('start', 'app', 'api.shop')).toBe('api.shop is not stopped: it is running (v2).\n');
    expect(await json('start', 'app', 'api.shop')).toMatchObject({ already: true, deployment: null, release: 2 });
  });

  test('while a deployment goes on an app is neither stopped nor scaled', async () => {
    const slow = await writeTree(join(max.home.dir, 'slow'), {
      Procfile: 'release: node wait.mjs\nweb: node server.mjs\n',
      'wait.mjs': 'setInterval(() => {}, 1000);',
      'server.mjs': answering('x'),
    });
    await rigOk(max.home, ['deploy', slow, '--app', 'api.shop', '--detach']);
    for (const args of [
      ['stop', 'app', 'api.shop'],
      ['start', 'app', 'api.shop'],
      ['scale', 'app', 'api.shop', '--instances', '1'],
    ])
      await expectFailure(max.home, args, {
        code: 'RIG_DEPLOY_IN_PROGRESS',
        exitCode: 5,
        message: /being deployed/,
        hint: /rig deploy attach --app api\.shop/,
      });
    await rigOk(max.home, ['deploy', 'cancel', '--app', 'api.shop']);
    expect((await rig(max.home, ['stop', 'app', 'api.shop'])).exitCode).toBe(0);
  });
});

test('Ctrl-C in a stop says that it goes on', async () => {
  const held = await writeTree(join(max.home.dir, 'held'), {
    Procfile: 'web: node server.mjs',
    'server.mjs': `import { createServer } from 'node:http';
createServer((request, response) => response.write('begun')).listen(process.env.PORT);`,
  });
  await deploy(max, 'held.shop', held);
  const asked = request({ port: max.port, agent: false, headers: { host: `held.shop.localhost:${max.port}` } }).end();
  asked.on('error', () => {});
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.on('error', () => {});
  const running = spawnRig(max.home, ['stop', 'app', 'held.shop']);
  const lines = outputLines(running.stderr as NonNullable<typeof running.stderr>);
  await lines.find(/those under way may end/);
  running.kill('SIGINT');
  const { exitCode, stdout, stderr } = await running;
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(String(stderr)).toMatch(/held\.shop is stopped, and its instances end once their requests have/);
  expect((await json<AppStatus>('status', 'app', 'held.shop')).instances).toMatchObject([{ state: 'stopping' }]);
  asked.destroy();
});

test('what has no release, no such process or no good number is refused', async () => {
  await rigOk(max.home, ['create', 'app', 'empty.shop']);
  for (const args of [
    ['restart', 'app', 'empty.shop'],
    ['stop', 'app', 'empty.shop'],
    ['start', 'app', 'empty.shop'],
    ['scale', 'app', 'empty.shop', '--instances', '2'],
  ])
    await expectFailure(max.home, args, {
      code: 'RIG_NOTHING_RELEASED',
      exitCode: 5,
      message: /empty/,
      hint: /rig deploy --app empty\.shop/,
    });
  for (const count of ['33', 'two'])
    await expectFailure(max.home, ['scale', 'app', 'api.shop', '--instances', count], {
      code: 'RIG_BAD_OPTION',
      exitCode: 2,
      message: new RegExp(count),
      hint: /--instances 2/,
    });
  await expectFailure(max.home, ['scale', 'app', 'api.shop', 'web=0'], {
    code: 'RIG_BAD_OPTION',
    exitCode: 2,
    message: /0 is asked for/,
    hint: /rig stop app/,
  });
  await expectFailure(max.home, ['scale', 'app', 'api.shop', 'clock=1'], {
    code: 'RIG_PROCESS_NOT_FOUND',
    exitCode: 3,
    message: /no process type clock/,
    hint: /it has: web, worker/,
  });
  await expectFailure(max.home, ['stop', 'app', 'nobody.shop'], {
    code: 'RIG_APP_NOT_FOUND',
    exitCode: 3,
    message: /nobody/,
    hint: /rig list apps/,
  });
});
