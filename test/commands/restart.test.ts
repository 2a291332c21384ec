import { join } from 'node:path';
import type { AppStatus, Release } from '@rig/plugin-api/max';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigJson, rigOk } from '../support/rig.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
  const source = answering('x').replace('response.end("x")', 'response.end(String(process.pid))');
  await deploy(max, 'api.shop', await writeNodeApp(join(max.home.dir, 'app'), source));
});
afterAll(() => max.stop());

const json = <T>(...args: string[]): Promise<T> => rigJson<T>(max.home, args);
const pid = async (): Promise<string> => (await askApp(max, 'api.shop')).body;
const instances = async () => (await json<AppStatus>('status', 'app', 'api.shop')).instances;
const serving = async (release: number): Promise<string[]> =>
  (await instances()).filter((one) => one.release === release).map(({ name }) => name);

test('a restart starts the app anew, loses no request and leaves what is staged', async () => {
  await rigOk(max.home, ['create', 'var', 'A=1', '--stage', '--app', 'api.shop']);
  const before = await pid();
  let over = false;
  const statuses = new Set<number>();
  const asking = (async () => {
    while (!over) statuses.add((await askApp(max, 'api.shop')).status);
  })();
  expect(await json('restart', 'app', 'api.shop')).toMatchObject({ app: 'api', release: 2 });
  over = true;
  await asking;
  expect([...statuses]).toEqual([200]);
  expect(await pid()).not.toBe(before);
  const [newest, first] = await json<Release[]>('list', 'releases', '--app', 'api.shop');
  expect(newest).toMatchObject({ version: 2, current: true, vars: 0, buildId: first?.buildId });
  expect(await json('list', 'vars', '--app', 'api.shop')).toMatchObject([{ name: 'A', staged: true }]);
});

test('a scale runs that many, for later releases too', async () => {
  const { release } = await json<{ release: number }>('scale', 'app', 'api.shop', '--instances', '2');
  expect(await serving(release)).toEqual(['web.1', 'web.2']);
  const pids = new Set<string>();
  while (pids.size < 2) pids.add(await pid());
  const later = await json<{ release: number }>('restart', 'app', 'api.shop');
  expect(await serving(later.release)).toEqual(['web.1', 'web.2']);
  const down = await json<{ release: number }>('scale', 'app', 'api.shop', '--instances', '1');
  expect(await serving(down.release)).toEqual(['web.1']);
});

test('what has no release is not started anew, and a number must be one', async () => {
  await rigOk(max.home, ['create', 'app', 'empty.shop']);
  for (const args of [
    ['restart', 'app', 'empty.shop'],
    ['scale', 'app', 'empty.shop', '--instances', '2'],
  ])
    await expectFailure(max.home, args, {
      code: 'RIG_NOTHING_RELEASED',
      exitCode: 5,
      message: /empty/,
      hint: /rig deploy --app empty\.shop/,
    });
  for (const count of ['0', '33', 'two'])
    await expectFailure(max.home, ['scale', 'app', 'api.shop', '--instances', count], {
      code: 'RIG_BAD_OPTION',
      exitCode: 2,
      message: new RegExp(count),
      hint: /--instances 2/,
    });
});
