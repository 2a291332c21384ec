import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import type { AppStatus, Instance } from '@rig/plugin-api/max';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, askApp, deploy, writeTree } from '../support/app.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigJson, rigOk } from '../support/rig.ts';

let max: RunningMax;
const APPS = ['busy.shop', 'idle.shop'];
beforeAll(async () => {
  max = await startMax();
  for (const app of APPS)
    await deploy(
      max,
      app,
      await writeTree(join(max.home.dir, app), {
        Procfile: `web: node server.mjs ${mark(app)}\nworker: node worker.mjs ${mark(app)}\n`,
        'server.mjs': answering(app),
        'worker.mjs': "let n = 0; setInterval(() => console.log('job ' + ++n), 20);",
      }),
    );
  await rigOk(max.home, ['scale', 'app', 'busy.shop', 'web=2', 'worker=2']);
  await rigOk(max.home, ['stop', 'app', 'idle.shop']);
});
afterAll(() => max.stop());

/** An argument by which an app's processes are found among all; asked of the system, not of Max. */
const mark = (app: string): string => `${basename(max.home.dir)}-${app}`;
const copies = (app: string): number =>
  execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith('node ') && line.endsWith(mark(app))).length;

const status = (app: string) => rigJson<AppStatus>(max.home, ['status', 'app', app]);
const running = async (): Promise<Instance[]> => {
  for (;;) {
    const { app, instances } = await status('busy.shop');
    if (app.state === 'running') return instances;
  }
};
const up = async (): Promise<void> => {
  max.pid = (await rigJson<{ pid: number }>(max.home, ['max', 'up'])).pid;
};

const expectIdle = async (): Promise<void> => {
  expect(await status('idle.shop')).toMatchObject({ app: { state: 'stopped', release: 1 }, instances: [] });
  expect(copies('idle.shop')).toBe(0);
  expect(await askApp(max, 'idle.shop')).toMatchObject({
    status: 503,
    body: expect.stringContaining('RIG_APP_STOPPED'),
  });
};

// One life: what is killed and stopped in one test is so in the next.
describe('stopped apps and workers', { shuffle: false }, () => {
  test('kill -9 of Max: each web and worker is adopted and none doubled, their logs have no hole, the stopped app stays stopped', async () => {
    const before = await running();
    expect(before.map(({ name }) => name)).toEqual(['web.1', 'web.2', 'worker.1', 'worker.2']);
    process.kill(max.pid, 'SIGKILL');
    await up();
    expect(await running()).toEqual(before);
    expect(copies('busy.shop')).toBe(4);
    await expectIdle();
    const lines = await rigJson<Array<{ instance: string; text: string }>>(max.home, [
      ...['logs', 'app', 'busy.shop', '--no-follow', '--instance', 'worker', '--lines', '10000'],
    ]);
    for (const name of ['worker.1', 'worker.2']) {
      const jobs = lines.filter(({ instance }) => instance === name).map(({ text }) => text);
      expect(jobs.length).toBeGreaterThan(0);
      expect(jobs).toEqual(jobs.map((_, index) => `job ${index + 1}`));
    }
  });

  test('a worker that died while Max was dead is started again, the others go on', async () => {
    const before = await running();
    process.kill(max.pid, 'SIGKILL');
    process.kill(Number(before[3]?.pid), 'SIGKILL');
    await up();
    const after = await running();
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after[3]).toMatchObject({ name: 'worker.2', state: 'healthy' });
    expect(after[3]?.pid).not.toBe(before[3]?.pid);
    expect(copies('busy.shop')).toBe(4);
  });

  test('down and up bring back what ran in its numbers, and not what was stopped; a start does', async () => {
    await rigOk(max.home, ['max', 'down']);
    expect(copies('busy.shop')).toBe(0);
    await up();
    expect((await running()).map(({ name }) => name)).toEqual(['web.1', 'web.2', 'worker.1', 'worker.2']);
    await expectIdle();
    await rigOk(max.home, ['start', 'app', 'idle.shop']);
    expect((await askApp(max, 'idle.shop')).body).toBe('idle.shop');
    expect(copies('idle.shop')).toBe(2);
  });
});
