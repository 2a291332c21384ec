import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../plugins/max/src/store/database.ts';
import { openMax } from './max-kit.ts';
import { until } from './runtime/kit.ts';

test('a removal that a kill has interrupted is brought to its end by the next start', async () => {
  const first = await openMax();
  await first.ask('POST', '/v1/networks', { json: { name: 'shop' } });
  for (const name of ['api', 'web']) await first.ask('POST', '/v1/networks/shop/apps', { json: { name } });
  await first.stop();
  // As a Max leaves it that was killed between the first step of a removal and its last.
  const database = openDatabase(join(first.dir, 'max.db'));
  database.run("UPDATE apps SET removing = 1 WHERE name = 'api'");
  database.close();

  const max = await openMax(first.dir);
  await until(() => (max.log.some((line) => line.includes('api.shop is removed now')) ? true : undefined));
  const { items } = (await max.ask('GET', '/v1/apps')).json;
  expect(items.map(({ name }: { name: string }) => name)).toEqual(['web']);
  expect((await max.ask('GET', '/v1/networks/shop/apps/api')).json.code).toBe('RIG_APP_NOT_FOUND');
  expect((await max.ask('GET', '/v1/networks/shop/status')).json.events[0]).toMatchObject({ type: 'app.deleted' });
  expect((await max.ask('POST', '/v1/networks/shop/apps', { json: { name: 'api' } })).status).toBe(201);
  await max.remove();
});
