import { afterAll, beforeAll, expect, test } from 'vitest';
import { KeyedLine } from '../../../../plugins/max/src/http/keyed-line.ts';
import { type MaxKit, openMax } from '../max-kit.ts';

let max: MaxKit;
beforeAll(async () => {
  max = await openMax();
});
afterAll(() => max.remove());

let counter = 0;
const newKey = (): string => `key-${++counter}`;
const create = (key: string, json: object) =>
  max.ask('POST', '/v1/networks', { headers: { 'idempotency-key': key }, json });

test('the same key and request get the same answer, byte for byte', async () => {
  const key = newKey();
  const first = await create(key, { name: 'once' });
  const again = await create(key, { name: 'once' });
  expect(first.status).toBe(201);
  expect(again.text).toBe(first.text);
  expect({ ...again, headers: null }).toEqual({ ...first, headers: null });
  expect(again.headers).toMatchObject({ etag: first.headers.etag, location: first.headers.location });
  expect(first.headers['idempotent-replayed']).toBeUndefined();
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
});

test('a refusal is replayed as well', async () => {
  await create(newKey(), { name: 'taken' });
  const key = newKey();
  const first = await create(key, { name: 'taken' });
  const again = await create(key, { name: 'taken' });
  expect({ status: first.status, code: first.json.code }).toEqual({ status: 409, code: 'RIG_NAME_TAKEN' });
  expect(again.text).toBe(first.text);
});

test('an invented name is the same the second time', async () => {
  const key = newKey();
  const first = await create(key, {});
  expect((await create(key, {})).json.name).toBe(first.json.name);
  expect((await create(newKey(), {})).json.name).not.toBe(first.json.name);
});

test('the value of an API token is the same the second time', async () => {
  const headers = { 'idempotency-key': newKey() };
  const json = { name: 'ci', scopes: ['read'] };
  const first = await max.ask('POST', '/v1/tokens', { headers, json });
  const again = await max.ask('POST', '/v1/tokens', { headers, json });
  expect(again.json.token).toBe(first.json.token);
  expect((await max.ask('GET', '/v1/whoami', { token: again.json.token })).status).toBe(200);
});

test('the same key with another request is refused', async () => {
  const key = newKey();
  await create(key, { name: 'mine' });
  for (const answer of [
    await create(key, { name: 'other' }),
    await max.ask('POST', '/v1/networks/mine/apps', { headers: { 'idempotency-key': key }, json: { name: 'mine' } }),
    await max.ask('DELETE', '/v1/networks/mine', { headers: { 'idempotency-key': key } }),
  ])
    expect({ status: answer.status, code: answer.json.code }).toEqual({
      status: 422,
      code: 'RIG_IDEMPOTENCY_CONFLICT',
    });
  expect((await max.ask('GET', '/v1/networks/mine')).status).toBe(200);
});

test('many at once make one, and all get its answer', async () => {
  const key = newKey();
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(key, { name: 'crowd' })));
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
  expect(answers.every((answer) => answer.status === 201)).toBe(true);
  expect(answers.filter((answer) => answer.headers['idempotent-replayed'] === undefined)).toHaveLength(1);
});

test('many at once without a key make one, and the others are told', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => max.ask('POST', '/v1/networks', { json: { name: 'race' } })),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
});

test('a delete is replayed, though the thing is gone', async () => {
  await create(newKey(), { name: 'gone' });
  const headers = { 'idempotency-key': newKey() };
  expect((await max.ask('DELETE', '/v1/networks/gone', { headers })).status).toBe(204);
  expect((await max.ask('DELETE', '/v1/networks/gone', { headers })).status).toBe(204);
  expect((await max.ask('DELETE', '/v1/networks/gone')).status).toBe(404);
});

test('a key that is none is refused', async () => {
  for (const key of ['a b', 'x'.repeat(256), 'é'])
    expect((await create(key, { name: 'never' })).json).toMatchObject({ status: 400, code: 'RIG_BAD_REQUEST' });
  expect((await max.ask('GET', '/v1/networks/never')).status).toBe(404);
});

test('answers are kept over a restart', async () => {
  const one = await openMax();
  const headers = { 'idempotency-key': 'stays' };
  const first = await one.ask('POST', '/v1/networks', { headers, json: {} });
  await one.stop();
  const two = await openMax(one.dir);
  expect((await two.ask('POST', '/v1/networks', { headers, json: {} })).text).toBe(first.text);
  await two.remove();
});

test('tasks of one key run one after the other, also after one that failed; others do not wait', async () => {
  const line = new KeyedLine();
  const order: string[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = line.run('a', async () => {
    await held;
    order.push('first');
    throw new Error('no');
  });
  const after = line.run('a', async () => order.push('second'));
  await line.run('b', async () => order.push('other'));
  release();
  await expect(slow).rejects.toThrow('no');
  await after;
  expect(order).toEqual(['other', 'first', 'second']);
});
