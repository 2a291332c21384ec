import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MaxKit, openMax } from '../max-kit.ts';

const APP = '/v1/networks/shop/apps/api';

let max: MaxKit;
beforeAll(async () => {
  max = await openMax();
  await max.ask('POST', '/v1/networks', { json: { name: 'shop' } });
  await max.ask('POST', '/v1/networks/shop/apps', { json: { name: 'api' } });
});
afterAll(() => max.remove());

test.each([
  [{}, /"formation" must say how many/],
  [{ instances: 1, formation: { web: 1 } }, /"formation" must say how many/],
  [{ formation: null }, /must be an object/],
  [{ formation: [1] }, /must be an object/],
  [{ formation: {} }, /names no process type/],
  [{ formation: { web: 0 } }, /instances of web must be a whole number from 1 to 32/],
  [{ instances: '2' }, /instances of web must be a whole number from 1 to 32/],
  [{ formation: { worker: -1 } }, /instances of worker must be a whole number from 0 to 32/],
  [{ formation: { web: 1, worker: 1.5 } }, /instances of worker must be/],
  [{ formation: { worker: 33 } }, /instances of worker must be/],
])('a scale to %j is refused', async (json, detail) => {
  const answer = await max.ask('POST', `${APP}/scale`, { json });
  expect(answer).toMatchObject({
    status: 400,
    json: { code: 'RIG_BAD_REQUEST', detail: expect.stringMatching(detail) },
  });
});

test.each(['restart', 'scale', 'stop', 'start'])('a %s of an app without a release is refused', async (what) => {
  const answer = await max.ask('POST', `${APP}/${what}`, what === 'scale' ? { json: { instances: 2 } } : {});
  expect(answer).toMatchObject({ status: 409, json: { code: 'RIG_NOTHING_RELEASED' } });
});
