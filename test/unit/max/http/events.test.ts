import type { EventPage } from '@rig/plugin-api/max';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { statePaths } from '../../../../plugins/max/src/store/state-paths.ts';
import { type MaxKit, openMax } from '../max-kit.ts';

let max: MaxKit;
let app: string;
beforeAll(async () => {
  [max, app] = await filled();
});
afterAll(() => max.remove());

/** A Max in which something has happened, and the id of the app `api.shop`. */
async function filled(): Promise<[MaxKit, string]> {
  const max = await openMax();
  const post = (path: string, json: object) => max.ask('POST', path, { json });
  for (const name of ['shop', 'other']) await post('/v1/networks', { name });
  const { id } = (await post('/v1/networks/shop/apps', { name: 'api' })).json;
  await post('/v1/networks/other/apps', { name: 'api' });
  await post('/v1/networks/shop/apps', { name: 'web' });
  return [max, id];
}

const ask = (query = '', of = max) => of.ask('GET', `/v1/events${query}`);
const texts = async (query = '', of = max): Promise<string[]> =>
  ((await ask(query, of)).json as EventPage).events.map(({ text }) => text.replace(' was created', ''));

test('the most recent events, oldest first; before a number those before', async () => {
  const page = (await ask('?limit=2')).json as EventPage;
  expect(page.events.map(({ text }) => text)).toEqual(['app api.other was created', 'app web.shop was created']);
  expect(page.events.at(-1)).toEqual({
    seq: page.last,
    at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    type: 'app.created',
    network: 'shop',
    app: 'web',
    text: 'app web.shop was created',
  });
  expect(page.through).toBe(page.last);
  expect(await texts(`?limit=2&before=${page.last - 1}`)).toEqual(['network other', 'app api.shop']);
});

test('the events after a number, page by page', async () => {
  const first = (await ask('?after=0&limit=2')).json as EventPage;
  expect(first.events.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(first).toMatchObject({ through: 2 });
  const rest = (await ask(`?after=${first.through}`)).json as EventPage;
  expect(rest.events[0]?.seq).toBe(3);
  expect(rest.through).toBe(rest.last);
  expect((await ask(`?after=${rest.last + 50}`)).json).toEqual({ events: [], last: rest.last, through: rest.last });
});

test('of a network, of an app by name or id, of a type or a kind of types', async () => {
  expect(await texts('?network=shop')).toEqual(['network shop', 'app api.shop', 'app web.shop']);
  expect(await texts('?network=shop&app=api')).toEqual(['app api.shop']);
  expect(await texts(`?app=${app}`)).toEqual(['app api.shop']);
  expect(await texts('?type=network.created')).toEqual(['network shop', 'network other']);
  expect(await texts('?network=other&type=app')).toEqual(['app api.other']);
  expect(await texts('?type=ap')).toEqual([]);
});

test('of what was deleted by its id; what is not kept any more is a gap', async () => {
  const [own, id] = await filled();
  await own.ask('DELETE', '/v1/networks/shop/apps/api');
  expect(await texts(`?app=${id}`, own)).toEqual(['app api.shop', 'app api.shop was deleted']);
  expect((await ask('?network=shop&app=api', own)).json.code).toBe('RIG_APP_NOT_FOUND');
  const { last } = (await ask('?limit=1', own)).json as EventPage;
  const db = openDatabase(statePaths(own.dir).database);
  db.run('DELETE FROM events WHERE seq < ?', [last]);
  db.close();
  expect((await ask('?after=0', own)).json).toMatchObject({ gap: { from: 1, to: last - 1 }, events: [{ seq: last }] });
  await own.remove();
});

test('a query that means nothing is refused', async () => {
  expect((await ask('?app=api')).json).toMatchObject({
    code: 'RIG_BAD_REQUEST',
    detail: expect.stringContaining('"app"'),
  });
  expect((await ask('?type=%27')).json).toMatchObject({ code: 'RIG_BAD_REQUEST' });
  expect((await ask('?after=-1')).json).toMatchObject({ code: 'RIG_BAD_REQUEST' });
  expect((await ask('?network=none')).json).toMatchObject({ code: 'RIG_NETWORK_NOT_FOUND' });
});
