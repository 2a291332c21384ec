import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MaxKit, openMax } from '../max-kit.ts';

let max: MaxKit;
beforeAll(async () => {
  max = await openMax();
});
afterAll(() => max.remove());

const post = (path: string, json: object) => max.ask('POST', path, { json });
const remove = (path: string, headers: Record<string, string> = {}) => max.ask('DELETE', path, { headers });

describe('networks and apps', () => {
  test('are made, shown, listed and deleted', async () => {
    const network = await post('/v1/networks', { name: 'shop' });
    expect(network.status).toBe(201);
    expect(network.json).toMatchObject({
      id: expect.stringMatching(/^net_[a-z0-9]+$/),
      hostname: 'shop.localhost',
      apps: 0,
    });
    const app = await post('/v1/networks/shop/apps', { name: 'api' });
    expect(app.status).toBe(201);
    expect(app.headers.location).toBe('/v1/networks/shop/apps/api');
    expect(app.json).toMatchObject({
      id: expect.stringMatching(/^app_/),
      network: 'shop',
      hostname: 'api.shop.localhost',
      url: `http://api.shop.localhost:${max.port}`,
      state: 'empty',
      release: null,
    });
    expect((await max.ask('GET', '/v1/networks/shop/apps/api')).json).toEqual(app.json);
    expect((await max.ask('GET', '/v1/networks/shop')).json.apps).toBe(1);
    expect((await max.ask('GET', '/v1/networks/shop/status')).json).toMatchObject({
      network: { name: 'shop' },
      apps: [app.json],
    });
    expect((await max.ask('GET', '/v1/networks/shop/details')).json).toMatchObject({ owner: 'tester', apps: ['api'] });
    const status = (await max.ask('GET', '/v1/networks/shop/apps/api/status')).json;
    expect(status).toMatchObject({ app: app.json, instances: [], deployment: null, events: [{ type: 'app.created' }] });
    expect((await max.ask('GET', '/v1/networks/shop/apps/api/details')).json).toMatchObject({
      source: null,
      instances: 0,
      formation: {},
    });
    const full = await remove('/v1/networks/shop');
    expect({ status: full.status, code: full.json.code }).toEqual({ status: 409, code: 'RIG_NETWORK_NOT_EMPTY' });
    expect((await remove('/v1/networks/shop/apps/api')).status).toBe(204);
    expect((await max.ask('GET', '/v1/networks/shop/apps/api')).json.code).toBe('RIG_APP_NOT_FOUND');
    expect((await remove('/v1/networks/shop')).status).toBe(204);
    expect((await max.ask('GET', '/v1/networks/shop')).json.code).toBe('RIG_NETWORK_NOT_FOUND');
  });

  test('of one name are refused, in a network and among networks; in two networks they are two', async () => {
    await post('/v1/networks', { name: 'one' });
    await post('/v1/networks', { name: 'two' });
    const again = await post('/v1/networks', { name: 'one' });
    expect({ status: again.status, code: again.json.code }).toEqual({ status: 409, code: 'RIG_NAME_TAKEN' });
    const first = await post('/v1/networks/one/apps', { name: 'web' });
    expect((await post('/v1/networks/one/apps', { name: 'web' })).json.code).toBe('RIG_NAME_TAKEN');
    const second = await post('/v1/networks/two/apps', { name: 'web' });
    expect(second.json.id).not.toBe(first.json.id);
  });

  test('without a name: a network gets one, an app does not', async () => {
    const empty = await max.ask('POST', '/v1/networks');
    expect(empty.json.name).toMatch(/^[a-z]+-[a-z]+-\d{4}$/);
    const made = await post('/v1/networks', { name: null });
    expect(made.status).toBe(201);
    expect((await post(`/v1/networks/${made.json.name}/apps`, {})).json).toMatchObject({
      status: 400,
      code: 'RIG_BAD_REQUEST',
    });
  });

  test.each(['', 'Shop', '1a', '-a', 'a-', 'a_b', 'a.b', 'a b', 'é', 'x'.repeat(64), '../x', 'a\0'])(
    'the name %j is refused with what is wrong and a better one',
    async (name) => {
      const { json } = await post('/v1/networks', { name });
      expect(json).toMatchObject({ status: 422, code: 'RIG_BAD_NAME', fix: expect.stringMatching(/such as [a-z]/) });
    },
  );

  test('a name that is no text is refused', async () => {
    for (const name of [1, {}, ['a'], true])
      expect((await post('/v1/networks', { name })).json).toMatchObject({ status: 400, code: 'RIG_BAD_REQUEST' });
  });

  test('of names that nothing can have are not found', async () => {
    for (const path of ['/v1/networks/..%2f..%2fetc', '/v1/networks/UPPER', `/v1/networks/${'x'.repeat(3000)}`])
      expect((await max.ask('GET', path)).json).toMatchObject({ status: 404, code: 'RIG_NETWORK_NOT_FOUND' });
    expect((await post('/v1/networks/none/apps', { name: 'web' })).json.code).toBe('RIG_NETWORK_NOT_FOUND');
  });
});

describe('an ETag', () => {
  test('changes with the resource, saves a read, and keeps a stale delete from happening', async () => {
    const made = await post('/v1/networks', { name: 'tagged' });
    const { etag = '' } = made.headers;
    const read = await max.ask('GET', '/v1/networks/tagged');
    expect(read.headers.etag).toBe(etag);
    const fresh = await max.ask('GET', '/v1/networks/tagged', { headers: { 'if-none-match': etag } });
    expect({ status: fresh.status, text: fresh.text }).toEqual({ status: 304, text: '' });
    await post('/v1/networks/tagged/apps', { name: 'web' });
    expect((await max.ask('GET', '/v1/networks/tagged', { headers: { 'if-none-match': etag } })).status).toBe(200);
    const stale = await remove('/v1/networks/tagged', { 'if-match': etag });
    expect({ status: stale.status, code: stale.json.code }).toEqual({ status: 412, code: 'RIG_STALE' });
  });

  test('of an app: stale, weak, none of many, one of many, any', async () => {
    await post('/v1/networks', { name: 'apps' });
    const { etag = '' } = (await post('/v1/networks/apps/apps', { name: 'web' })).headers;
    for (const header of ['"old"', `W/${etag}`, '"a", "b"'])
      expect((await remove('/v1/networks/apps/apps/web', { 'if-match': header })).status).toBe(412);
    expect((await remove('/v1/networks/apps/apps/web', { 'if-match': `"a", ${etag}` })).status).toBe(204);
    await post('/v1/networks/apps/apps', { name: 'web' });
    expect((await remove('/v1/networks/apps/apps/web', { 'if-match': '*' })).status).toBe(204);
  });
});

test('an app that is deleted twice at once is deleted once', async () => {
  await post('/v1/networks', { name: 'twice' });
  await post('/v1/networks/twice/apps', { name: 'web' });
  const answers = await Promise.all(Array.from({ length: 5 }, () => remove('/v1/networks/twice/apps/web')));
  expect(answers.map((answer) => answer.status).sort()).toEqual([204, 404, 404, 404, 404]);
  const { events } = (await max.ask('GET', '/v1/networks/twice/status')).json;
  expect(events.filter((event: { type: string }) => event.type === 'app.deleted')).toHaveLength(1);
});

describe('lists', () => {
  test('page by cursor, everything once and in order', async () => {
    const kit = await openMax();
    const names = Array.from({ length: 7 }, (_, at) => `net-${at}`);
    for (const name of [...names].reverse()) {
      await kit.ask('POST', '/v1/networks', { json: { name } });
      await kit.ask('POST', `/v1/networks/${name}/apps`, { json: { name: 'b' } });
      await kit.ask('POST', `/v1/networks/${name}/apps`, { json: { name: 'a' } });
    }
    const walk = async (path: string, limit: number): Promise<string[]> => {
      const found: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: { items: Array<{ name: string; network?: string }>; next: string | null } = (
          await kit.ask('GET', `${path}?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`)
        ).json;
        expect(page.items.length).toBeLessThanOrEqual(limit);
        expect(page.items.length).toBeGreaterThan(0);
        found.push(...page.items.map((item) => `${item.network ?? ''} ${item.name}`.trim()));
        cursor = page.next;
      }
      return found;
    };
    for (const limit of [1, 2, 7, 500]) expect(await walk('/v1/networks', limit)).toEqual(names);
    expect(await walk('/v1/apps', 3)).toEqual(names.flatMap((name) => [`${name} a`, `${name} b`]));
    expect(await walk('/v1/networks/net-3/apps', 1)).toEqual(['net-3 a', 'net-3 b']);
    expect(await walk('/v1/tokens', 1)).toEqual(['owner']);
    await kit.remove();
  });

  test('refuse a limit or cursor that is none', async () => {
    for (const query of [
      'limit=0',
      'limit=501',
      'limit=-1',
      'limit=x',
      'limit=1.5',
      'limit=',
      'cursor=%00',
      'cursor=bm90IGpzb24',
    ])
      expect((await max.ask('GET', `/v1/networks?${query}`)).json).toMatchObject({
        status: 400,
        code: 'RIG_BAD_REQUEST',
      });
  });

  test('that the runtime keeps are empty for a new app, and its ids are not found', async () => {
    await post('/v1/networks', { name: 'fresh' });
    await post('/v1/networks/fresh/apps', { name: 'web' });
    const base = '/v1/networks/fresh/apps/web';
    for (const list of ['releases', 'builds', 'deployments'])
      expect((await max.ask('GET', `${base}/${list}`)).json).toEqual({ items: [], next: null });
    expect((await max.ask('GET', `${base}/logs?lines=10`)).json).toEqual({ lines: [], last: 0, through: 0 });
    expect((await max.ask('GET', `${base}/logs?grep=a(b`)).json.detail).toContain('Unterminated group at character 2');
    expect((await max.ask('GET', `${base}/logs?lines=10001`)).json.code).toBe('RIG_BAD_REQUEST');
    expect((await max.ask('GET', `${base}/deployments/dep_x`)).json.code).toBe('RIG_DEPLOYMENT_NOT_FOUND');
    expect((await max.ask('POST', `${base}/deployments/dep_x/cancel`)).json.code).toBe('RIG_DEPLOYMENT_NOT_FOUND');
    expect((await max.ask('GET', `${base}/builds/bld_x`)).json.code).toBe('RIG_BUILD_NOT_FOUND');
    expect((await max.ask('GET', `${base}/builds/bld_x/logs`)).json.code).toBe('RIG_BUILD_NOT_FOUND');
  });
});
