import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MaxKit, openMax, type Reply } from '../max-kit.ts';

let max: MaxKit;
beforeAll(async () => {
  max = await openMax();
});
afterAll(() => max.remove());

let network = '';
let app = '';
let count = 0;
beforeEach(async () => {
  count += 1;
  network = `/v1/networks/net-${count}`;
  app = `${network}/apps/api`;
  await max.ask('POST', '/v1/networks', { json: { name: `net-${count}` } });
  await max.ask('POST', `${network}/apps`, { json: { name: 'api' } });
});

const patch = (path: string, json: object, headers: Record<string, string> = {}): Promise<Reply> =>
  max.ask('PATCH', path, { json, headers });
const get = async (path: string) => (await max.ask('GET', path)).json;
const updates = async (): Promise<string[]> => {
  const { events } = (await get(`${network}/status`)) as { events: Array<{ type: string; text: string }> };
  return events.filter(({ type }) => type.endsWith('.updated')).map(({ text }) => text);
};

const DEFAULTS = {
  healthcheck: null,
  healthTimeoutSeconds: null,
  drainTimeoutSeconds: null,
  stopTimeoutSeconds: null,
  logs: { maxBytes: null, maxAgeDays: null },
};

describe('the settings of an app', () => {
  test('are changed one by one, told by name, shown, and unset by null', async () => {
    expect((await get(app)).settings).toEqual(DEFAULTS);
    const first = await patch(app, { healthcheck: '/ready?deep=1', logs: { maxBytes: 2_000_000 } });
    expect(first.status).toBe(200);
    expect(first.json.settings).toEqual({
      ...DEFAULTS,
      healthcheck: '/ready?deep=1',
      logs: { maxBytes: 2_000_000, maxAgeDays: null },
    });
    expect(await get(app)).toEqual(first.json);
    await patch(app, {
      healthTimeoutSeconds: 90,
      drainTimeoutSeconds: 0,
      stopTimeoutSeconds: 20,
      logs: { maxAgeDays: 0.5 },
    });
    expect((await get(app)).settings).toEqual({
      healthcheck: '/ready?deep=1',
      healthTimeoutSeconds: 90,
      drainTimeoutSeconds: 0,
      stopTimeoutSeconds: 20,
      logs: { maxBytes: 2_000_000, maxAgeDays: 0.5 },
    });
    expect((await get(`${app}/details`)).logs).toMatchObject({ maxBytes: 2_000_000, maxAgeDays: 0.5, first: null });
    expect(await updates()).toEqual([
      `settings of app api.net-${count} changed: healthTimeoutSeconds, drainTimeoutSeconds, stopTimeoutSeconds, logs.maxAgeDays`,
      `settings of app api.net-${count} changed: healthcheck, logs.maxBytes`,
    ]);
    await patch(app, {
      healthcheck: null,
      healthTimeoutSeconds: null,
      drainTimeoutSeconds: null,
      stopTimeoutSeconds: null,
      logs: null,
    });
    expect((await get(app)).settings).toEqual(DEFAULTS);
    expect((await get(`${app}/details`)).logs).toMatchObject({ maxBytes: 64_000_000, maxAgeDays: 30 });
  });

  test('what changes nothing is answered the same, and nobody is told', async () => {
    const before = await get(app);
    for (const json of [{}, { healthcheck: null, logs: {} }, { name: 'api', logs: { maxBytes: null } }]) {
      const answer = await patch(app, json);
      expect(answer.json).toEqual(before);
    }
    expect(await updates()).toEqual([]);
  });

  test.each([
    [{ healthchek: '/x' }, 'healthchek'],
    [{ healthcheck: '/x', constructor: 1 }, 'constructor'],
    [{ logs: { maxBytes: 5_000_000, size: 1 } }, 'logs.size'],
    [{ logs: 5 }, 'logs'],
    [{ logs: [] }, 'logs'],
    [{ logs: { maxBytes: 999_999 } }, 'logs.maxBytes'],
    [{ logs: { maxBytes: 1e12 } }, 'logs.maxBytes'],
    [{ logs: { maxBytes: 1_000_000.5 } }, 'logs.maxBytes'],
    [{ logs: { maxAgeDays: 0.01 } }, 'logs.maxAgeDays'],
    [{ logs: { maxAgeDays: -1 } }, 'logs.maxAgeDays'],
    [{ logs: { maxAgeDays: '14' } }, 'logs.maxAgeDays'],
    [{ healthTimeoutSeconds: 0 }, 'healthTimeoutSeconds'],
    [{ healthTimeoutSeconds: 3_601 }, 'healthTimeoutSeconds'],
    [{ drainTimeoutSeconds: true }, 'drainTimeoutSeconds'],
    [{ stopTimeoutSeconds: 1.5 }, 'stopTimeoutSeconds'],
    [{ healthcheck: 'ready' }, 'healthcheck'],
    [{ healthcheck: '/a b' }, 'healthcheck'],
    [{ healthcheck: '/a\r\nX-Y: 1' }, 'healthcheck'],
    [{ healthcheck: '/é' }, 'healthcheck'],
    [{ healthcheck: '/a#b' }, 'healthcheck'],
    [{ healthcheck: `/${'x'.repeat(1_024)}` }, 'healthcheck'],
    [{ healthcheck: 5 }, 'healthcheck'],
  ])('%j is refused by name, and nothing is changed', async (json, field) => {
    const answer = await patch(app, { stopTimeoutSeconds: 20, ...json });
    expect(answer.json).toMatchObject({ status: 400, code: 'RIG_BAD_REQUEST' });
    expect(answer.json.detail).toContain(`"${field}"`);
    expect((await get(app)).settings).toEqual(DEFAULTS);
  });

  test('a stale If-Match changes nothing, a fresh one does, and a key is answered once', async () => {
    const { etag = '' } = (await max.ask('GET', app)).headers;
    const first = await patch(app, { healthcheck: '/a' }, { 'if-match': etag });
    expect(first.status).toBe(200);
    expect(first.headers.etag).toBe((await max.ask('GET', app)).headers.etag);
    const stale = await patch(app, { healthcheck: '/b' }, { 'if-match': etag });
    expect(stale.json).toMatchObject({ status: 412, code: 'RIG_STALE' });
    const key = { 'idempotency-key': `key-${count}` };
    const once = await patch(app, { healthcheck: '/c' }, key);
    await patch(app, { healthcheck: '/d' });
    const again = await patch(app, { healthcheck: '/c' }, key);
    expect(again.text).toBe(once.text);
    expect((await get(app)).settings.healthcheck).toBe('/d');
  });

  test('of what is not there, and without the right', async () => {
    expect((await patch(`${network}/apps/none`, {})).json.code).toBe('RIG_APP_NOT_FOUND');
    const { json } = await max.ask('POST', '/v1/tokens', { json: { name: 'reader', scopes: ['read'] } });
    const refused = await max.ask('PATCH', app, { json: { healthcheck: '/x' }, token: json.token });
    expect(refused.json).toMatchObject({ status: 403, code: 'RIG_FORBIDDEN' });
  });
});

describe('another name', () => {
  test('of an app: everything of it is found under the new one, and the old one is free', async () => {
    const { id } = await get(app);
    const renamed = await patch(app, { name: 'web', stopTimeoutSeconds: 20 });
    expect(renamed.json).toMatchObject({ id, name: 'web', hostname: `web.net-${count}.localhost` });
    expect((await get(app)).code).toBe('RIG_APP_NOT_FOUND');
    expect((await get(`${network}/apps/web`)).id).toBe(id);
    expect(await updates()).toEqual([
      `app api.net-${count} is web.net-${count} from now on; settings of app api.net-${count} changed: stopTimeoutSeconds`,
    ]);
    const other = await max.ask('POST', `${network}/apps`, { json: { name: 'api' } });
    expect(other.status).toBe(201);
    expect((await patch(app, { name: 'web', healthcheck: '/x' })).json).toMatchObject({
      status: 409,
      code: 'RIG_NAME_TAKEN',
    });
    expect((await get(app)).settings).toEqual(DEFAULTS);
    expect((await patch(app, { name: 'No' })).json).toMatchObject({ status: 422, code: 'RIG_BAD_NAME' });
  });

  test('of a network: its apps come with it', async () => {
    const { etag = '' } = (await max.ask('GET', network)).headers;
    const { id } = await get(app);
    const name = `renamed-${count}`;
    expect((await patch(network, { title: 'x' })).json.detail).toContain('"title"');
    expect((await patch(network, { name: 'net-1' })).json.code).toBe(count === 1 ? undefined : 'RIG_NAME_TAKEN');
    const renamed = await patch(network, { name }, { 'if-match': etag });
    expect(renamed.json).toMatchObject({ name, hostname: `${name}.localhost`, apps: 1 });
    expect((await get(network)).code).toBe('RIG_NETWORK_NOT_FOUND');
    expect(await get(`/v1/networks/${name}/apps/api`)).toMatchObject({ id, network: name });
    const again = await patch(`/v1/networks/${name}`, { name: 'other' }, { 'if-match': etag });
    expect(again.json.code).toBe('RIG_STALE');
    network = `/v1/networks/${name}`;
    expect(await updates()).toEqual([`network net-${count} is ${name} from now on`]);
  });
});
