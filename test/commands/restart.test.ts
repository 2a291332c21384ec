import { join } from 'node:path';
import type { Release } from '@rig/plugin-api/max';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
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
