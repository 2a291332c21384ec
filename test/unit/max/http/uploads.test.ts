import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ContentStore } from '../../../../plugins/max/src/content/content-store.ts';
import { digestOf, fileEntry, type MaxKit, openMax, PACK, packed, type Reply } from '../max-kit.ts';

let max: MaxKit;
const uploads = '/v1/networks/shop/apps/api/uploads';
beforeAll(async () => {
  max = await openMax();
  await max.ask('POST', '/v1/networks', { json: { name: 'shop' } });
  await max.ask('POST', '/v1/networks/shop/apps', { json: { name: 'api' } });
});
afterAll(() => max.remove());

// Content is kept for good: each test sends something that Max has never seen.
let a: string;
let b: string;
let c: string;
beforeEach(() => {
  [a, b, c] = ['a', 'b', 'c'].map((name) => `${name} ${randomBytes(8).toString('hex')}`) as [string, string, string];
});

async function upload(...contents: string[]): Promise<{ id: string; missing: string[]; missingBytes: number }> {
  const entries = contents.map((content, at) => fileEntry(`f${at}`, content));
  const { status, json } = await max.ask('POST', uploads, { json: { entries } });
  expect(status).toBe(201);
  return json;
}
const send = (id: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Reply> =>
  max.ask('POST', `${uploads}/${id}/packs`, { headers: { ...PACK, ...headers }, body });
const missing = async (id: string): Promise<string[]> => (await max.ask('GET', `${uploads}/${id}`)).json.missing;

describe('an upload', () => {
  test('tells what is missing, each once and in the order of the tree, and takes it in packs', async () => {
    const { id, missing: first, missingBytes } = await upload(a, b, a, '');
    expect(first).toEqual([digestOf(a), digestOf(b)]);
    expect(missingBytes).toBe(a.length + b.length);
    expect((await send(id, packed(b))).json).toEqual({ received: 1, missing: 1 });
    expect(await missing(id)).toEqual([digestOf(a)]);
    expect((await send(id, packed(a))).json).toEqual({ received: 1, missing: 0 });
    expect(await upload(a, c)).toMatchObject({ missing: [digestOf(c)] });
  });

  test('takes gzip, many chunks a pack, and what is there already', async () => {
    const { id } = await upload(a, b, c);
    await send(id, packed(b));
    const body = gzipSync(Buffer.concat([packed(a), packed(b), packed(c)]));
    expect((await send(id, body, { 'content-encoding': 'gzip' })).json).toEqual({ received: 3, missing: 0 });
  });

  test('takes an empty pack', async () => {
    const { id } = await upload(a);
    expect((await send(id, Buffer.alloc(0))).json).toEqual({ received: 0, missing: 1 });
  });

  test('takes a large file in pieces', async () => {
    const large = randomBytes(9 * 1024 * 1024);
    const { json } = await max.ask('POST', uploads, { json: { entries: [fileEntry('large', large)] } });
    expect((await send(json.id, packed(large))).json).toEqual({ received: 1, missing: 0 });
    const store = new ContentStore(`${max.dir}/content`);
    const read = await store.readWhole({ digest: digestOf(large), size: large.length });
    expect(read.equals(large)).toBe(true);
  });

  test('of another app is not found, nor is one without an app', async () => {
    await max.ask('POST', '/v1/networks/shop/apps', { json: { name: 'other' } });
    const { id } = await upload(a);
    const alien = uploads.replace('/api/', '/other/');
    expect((await max.ask('GET', `${alien}/${id}`)).json.code).toBe('RIG_UPLOAD_NOT_FOUND');
    expect((await max.ask('GET', uploads.replace('/api/', '/none/').concat('/x'))).json.code).toBe('RIG_APP_NOT_FOUND');
  });

  test('of which something is missing is not deployed', async () => {
    const { id } = await upload(a, b);
    await send(id, packed(a));
    const { status, json } = await max.ask('POST', '/v1/networks/shop/apps/api/deployments', { json: { upload: id } });
    expect({ status, code: json.code }).toEqual({ status: 409, code: 'RIG_UPLOAD_INCOMPLETE' });
  });

  test('with a hostile manifest is refused', async () => {
    const entries = [fileEntry('../../../etc/cron.d/x', a)];
    expect((await max.ask('POST', uploads, { json: { entries } })).json).toMatchObject({
      status: 400,
      code: 'RIG_BAD_REQUEST',
      detail: expect.stringContaining('..'),
    });
  });
});

describe('a bad pack is refused, and what came before is kept', () => {
  const refused = { status: 422, code: 'RIG_DIGEST_MISMATCH' };
  const status = (reply: Reply) => ({ status: reply.status, code: reply.json.code });

  test('a chunk of another content', async () => {
    const { id } = await upload(a, b, c);
    const lie = packed('x'.repeat(b.length), digestOf(b));
    const reply = await send(id, Buffer.concat([packed(a), lie, packed(c)]));
    expect(status(reply)).toEqual(refused);
    expect(reply.json.detail).toContain(digestOf(b));
    const left = await missing(id);
    expect(left).not.toContain(digestOf(a));
    expect(left).toContain(digestOf(b));
  });

  test('a large chunk of another content', async () => {
    const large = randomBytes(2 * 1024 * 1024);
    const { json } = await max.ask('POST', uploads, { json: { entries: [fileEntry('x', a), fileEntry('y', large)] } });
    const lie = packed(randomBytes(large.length), digestOf(large));
    expect(status(await send(json.id, Buffer.concat([packed(a), lie])))).toEqual(refused);
    expect(await missing(json.id)).toEqual([digestOf(large)]);
  });

  test('a chunk that is not part of the upload', async () => {
    const { id } = await upload(a);
    expect(status(await send(id, Buffer.concat([packed(a), packed(b)])))).toEqual(refused);
    expect(await missing(id)).toEqual([]);
  });

  test('a chunk of another length, even of an absurd one', async () => {
    const { id } = await upload(a, b);
    expect(status(await send(id, Buffer.concat([packed(a), packed(b, digestOf(b), b.length + 1)])))).toEqual(refused);
    const absurd = packed(b);
    absurd.fill(0xff, 32, 40);
    expect(status(await send(id, absurd))).toEqual(refused);
    expect(await missing(id)).toEqual([digestOf(b)]);
  });

  test.each([10, 36, 45])('a pack that ends %i bytes into a chunk', async (bytes) => {
    const { id } = await upload(a, b);
    const reply = await send(id, Buffer.concat([packed(a), packed(b).subarray(0, bytes)]));
    expect(status(reply)).toEqual({ status: 400, code: 'RIG_BAD_REQUEST' });
    expect(await missing(id)).toEqual([digestOf(b)]);
  });

  test('a gzip that is cut, and one that is none', async () => {
    const { id } = await upload(a);
    const headers = { 'content-encoding': 'gzip' };
    const cut = gzipSync(packed(a)).subarray(0, -12);
    expect(status(await send(id, cut, headers))).toEqual({ status: 400, code: 'RIG_BAD_REQUEST' });
    expect(status(await send(id, Buffer.from('no gzip'), headers))).toEqual({ status: 400, code: 'RIG_BAD_REQUEST' });
  });

  test('another media type or encoding', async () => {
    const { id } = await upload(a);
    const body = packed(a);
    expect((await send(id, body, { 'content-encoding': 'br' })).status).toBe(415);
    expect((await send(id, body, { 'content-type': 'application/octet-stream' })).status).toBe(415);
    expect(await missing(id)).toEqual([digestOf(a)]);
  });

  test('its sender gets the answer though it goes on sending', async () => {
    const { id } = await upload(a);
    const body = Buffer.concat([packed('x', digestOf('y')), randomBytes(20 * 1024 * 1024)]);
    expect(status(await send(id, body))).toEqual(refused);
  });
});

test('a connection that is cut keeps the chunks that arrived', async () => {
  const { id } = await upload(a, b);
  const headers = { ...PACK, authorization: `Bearer ${max.token}`, 'transfer-encoding': 'chunked' };
  const sent = request({ host: '127.0.0.1', port: max.port, method: 'POST', path: `${uploads}/${id}/packs`, headers });
  sent.on('error', () => {});
  sent.write(Buffer.concat([packed(a), packed(b).subarray(0, 50)]));
  await expect.poll(() => missing(id), { timeout: 60_000 }).toEqual([digestOf(b)]);
  sent.destroy();
  const { id: again, missing: left } = await upload(a, b);
  expect(left).toEqual([digestOf(b)]);
  expect((await send(again, packed(b))).json).toEqual({ received: 1, missing: 0 });
});
