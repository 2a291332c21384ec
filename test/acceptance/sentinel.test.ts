import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigOk } from '../support/rig.ts';
import { holdersOfSecret, SECRET_SOURCES, tellingSecret, walkWithSecret } from '../support/secret-walk.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax({ RIG_DEBUG: '1' });
});
afterAll(() => max.stop());

test('a secret is in no output, log, event, report, database or file of rig and Max, whatever was done', async () => {
  const said = await walkWithSecret(max);
  const [first] = said;
  expect(first?.exitCode).toBe(0);
  expect(said.filter(({ exitCode }) => exitCode !== 0).length).toBeGreaterThan(20);
  expect(tellingSecret(said)).toEqual([]);
  expect(holdersOfSecret(max.home.dir)).toEqual(SECRET_SOURCES);
  // The end of Max writes the database's log back: what it then holds is looked at too.
  await rigOk(max.home, ['max', 'down']);
  expect(holdersOfSecret(max.home.dir)).toEqual(SECRET_SOURCES);
  await rigOk(max.home, ['max', 'up']);
  expect(holdersOfSecret(max.home.dir)).toEqual(SECRET_SOURCES);
});

test('the digest that is kept of a request is keyed: a secret cannot be guessed back by it', async () => {
  const state = join(max.home.dir, 'state', 'rig', 'max');
  const path = '/v1/networks/keyed/apps/api/secrets';
  const body = Buffer.from(JSON.stringify({ values: { KEYED: 'guess-me' }, stage: true }));
  await rigOk(max.home, ['create', 'network', 'keyed']);
  await rigOk(max.home, ['create', 'app', 'api.keyed']);
  const headers = {
    authorization: `Bearer ${max.token}`,
    'content-type': 'application/json',
    'idempotency-key': 'keyed-1',
  };
  const answer = await fetch(`${max.url}${path}`, { method: 'POST', body, headers });
  expect(answer.status).toBe(200);
  const head = JSON.stringify(['POST', path, 'application/json', '']);
  const plain = createHash('sha256').update(head).update(body).digest('hex');
  const stored = Buffer.concat(['max.db', 'max.db-wal'].map((file) => readFileSync(join(state, file))));
  expect(stored.includes('keyed-1')).toBe(true);
  expect(stored.includes(plain)).toBe(false);
  expect(stored.includes(createHash('sha256').update('guess-me').digest('hex'))).toBe(false);
});
