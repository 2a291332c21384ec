import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MaxKit, openMax } from '../max-kit.ts';

let max: MaxKit;
let app: string;
let counter = 0;
beforeAll(async () => {
  max = await openMax();
  await max.ask('POST', '/v1/networks', { json: { name: 'shop' } });
});
afterAll(() => max.remove());
beforeEach(async () => {
  const name = `app-${++counter}`;
  await max.ask('POST', '/v1/networks/shop/apps', { json: { name } });
  app = `/v1/networks/shop/apps/${name}`;
});

const post = (what: string, json: unknown, headers: Record<string, string> = {}) =>
  max.ask('POST', `${app}/${what}`, { json, headers });
const vars = async () => (await max.ask('GET', `${app}/vars`)).json.items as { name: string; value: string }[];
const names = async (what: string) =>
  ((await max.ask('GET', `${app}/${what}`)).json.items as { name: string }[]).map(({ name }) => name);

describe('vars', () => {
  test('are set many in one version, updated, listed by name and deleted', async () => {
    const first = await post('vars', { values: { B: 'two', A: '', _c: 'mütze\n"x"' } });
    expect(first.status).toBe(200);
    expect(first.json).toEqual({ set: ['B', 'A', '_c'], unchanged: [], deleted: [], version: 1, deployment: null });
    expect(await vars()).toMatchObject([
      { name: 'A', value: '' },
      { name: 'B', value: 'two', staged: true },
      { name: '_c', value: 'mütze\n"x"' },
    ]);
    const second = await post('vars', { values: { B: 'two', A: 'one' } });
    expect(second.json).toMatchObject({ set: ['A'], unchanged: ['B'], version: 2 });
    expect((await post('vars', { values: { B: 'two' } })).json).toMatchObject({ set: [], version: 2 });
    expect((await post('vars/delete', { names: ['B', 'B'] })).json).toMatchObject({ deleted: ['B'], version: 3 });
    expect(await names('vars')).toEqual(['A', '_c']);
    expect((await post('vars', { values: { B: 'two' } })).json).toMatchObject({ set: ['B'], version: 4 });
  });

  test('of ten thousand names go in one request and are listed by pages', async () => {
    const values = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`KEY_${at}`, `value ${at}`]));
    const { json } = await post('vars', { values });
    expect({ set: json.set.length, version: json.version }).toEqual({ set: 10_000, version: 1 });
    const found = new Map<string, string>();
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = `limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const answer: { json: { items: { name: string; value: string }[]; next: string | null } } = await max.ask(
        'GET',
        `${app}/vars?${page}`,
      );
      for (const item of answer.json.items) found.set(item.name, item.value);
      cursor = answer.json.next;
    }
    expect(found.size).toBe(10_000);
    expect(found.get('KEY_77')).toBe('value 77');
  });

  test('may have 64 KiB each, counted in bytes, and 1.5 MiB together', async () => {
    expect((await post('vars', { values: { BIG: 'é'.repeat(32 * 1024) } })).status).toBe(200);
    const over = await post('vars', { values: { OK: '1', BIGGER: `${'é'.repeat(32 * 1024)}x` } });
    expect({ status: over.status, code: over.json.code }).toEqual({ status: 413, code: 'RIG_TOO_LARGE' });
    const many = Object.fromEntries(Array.from({ length: 24 }, (_, at) => [`K${at}`, 'x'.repeat(64 * 1024)]));
    const all = await post('secrets', { values: many });
    expect({ status: all.status, code: all.json.code }).toEqual({ status: 413, code: 'RIG_TOO_LARGE' });
    expect(await names('vars')).toEqual(['BIG']);
    expect(await names('secrets')).toEqual([]);
  });

  test.each([
    ['a name that begins with a digit', { values: { OK: '1', '1A': 'x' } }, 422, 'RIG_BAD_KEY'],
    ['a name with a dash', { values: { 'A-B': 'x' } }, 422, 'RIG_BAD_KEY'],
    ['an empty name', { values: { '': 'x' } }, 422, 'RIG_BAD_KEY'],
    ['PORT', { values: { PORT: '1' } }, 422, 'RIG_BAD_KEY'],
    ['MAX_APP', { values: { MAX_APP: '1' } }, 422, 'RIG_BAD_KEY'],
    ['a zero byte', { values: { A: 'a\0b' } }, 422, 'RIG_BAD_VALUE'],
    ['half a character', { values: { A: '\ud800' } }, 422, 'RIG_BAD_VALUE'],
    ['a number', { values: { A: 1 } }, 422, 'RIG_BAD_VALUE'],
    ['no values', { values: {} }, 400, 'RIG_BAD_REQUEST'],
    ['a list', { values: ['A'] }, 400, 'RIG_BAD_REQUEST'],
    ['a stage that is none', { values: { A: '1' }, stage: 'yes' }, 400, 'RIG_BAD_REQUEST'],
  ])('with %s are refused, and nothing of the request is kept', async (_, body, status, code) => {
    const answer = await post('vars', body);
    expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code });
    expect(await vars()).toEqual([]);
  });

  test('that are not there are not deleted, nor any beside them', async () => {
    await post('vars', { values: { A: '1' } });
    const answer = await post('vars/delete', { names: ['A', 'NOPE'] });
    expect({ status: answer.status, code: answer.json.code }).toEqual({ status: 404, code: 'RIG_KEY_NOT_FOUND' });
    expect(answer.json.detail).toContain('NOPE');
    expect(await names('vars')).toEqual(['A']);
  });

  test('have any name that fits, __proto__ too', async () => {
    const body = '{"values":{"__proto__":"kept"}}';
    await max.ask('POST', `${app}/vars`, { body, headers: { 'content-type': 'application/json' } });
    expect(await vars()).toMatchObject([{ name: '__proto__', value: 'kept' }]);
  });

  test('go with their app', async () => {
    await post('vars', { values: { A: '1' } });
    await max.ask('DELETE', app);
    await max.ask('POST', '/v1/networks/shop/apps', { json: { name: app.split('/').at(-1) } });
    expect(await vars()).toEqual([]);
  });
});

describe('secrets', () => {
  test('come back as a keyed digest and a date, and lie sealed in the database', async () => {
    const value = 'SENTINEL-7f3a-of-a-secret';
    const made = await post('secrets', { values: { TOKEN: value } }, { 'idempotency-key': 'sealed-1' });
    const listed = await max.ask('GET', `${app}/secrets`);
    expect(listed.json.items).toEqual([
      { name: 'TOKEN', digest: expect.stringMatching(/^[0-9a-f]{64}$/), updatedAt: expect.any(String), staged: true },
    ]);
    expect(made.text + listed.text).not.toContain(value);
    const bytes = Buffer.concat(['max.db', 'max.db-wal'].map((file) => readFileSync(join(max.dir, file))));
    expect(bytes.includes('TOKEN')).toBe(true);
    expect(bytes.includes(value)).toBe(false);
  });

  test('have another digest for another value, another name and another app', async () => {
    const digestOf = async () =>
      ((await max.ask('GET', `${app}/secrets`)).json.items as { digest: string }[]).map(({ digest }) => digest);
    await post('secrets', { values: { A: 'same', B: 'same' } });
    const [a, b] = await digestOf();
    expect(a).not.toBe(b);
    await post('secrets', { values: { A: 'other', B: 'same' } });
    const after = await digestOf();
    expect(after[0]).not.toBe(a);
    expect(after[1]).toBe(b);
  });

  test('and vars do not share a name', async () => {
    await post('secrets', { values: { A: 'x' } });
    const answer = await post('vars', { values: { B: '1', A: '2' } });
    expect({ status: answer.status, code: answer.json.code }).toEqual({ status: 409, code: 'RIG_KEY_TAKEN' });
    expect(answer.json.fix).toContain('rig delete secret A');
    expect(await vars()).toEqual([]);
  });

  test('in the place of a name are not said again', async () => {
    const answer = await post('secrets', { values: { 'hunter2 SENTINEL': 'x' } });
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain('SENTINEL');
  });
});
