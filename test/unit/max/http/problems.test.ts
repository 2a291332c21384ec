import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MaxKit, openMax, type Reply } from '../max-kit.ts';

let max: MaxKit;
beforeAll(async () => {
  max = await openMax();
  await max.ask('POST', '/v1/networks', { json: { name: 'shop' } });
  await max.ask('POST', '/v1/networks/shop/apps', { json: { name: 'api' } });
});
afterAll(() => max.remove());

/** Every refusal is a whole problem document. */
function expectProblem(reply: Reply, status: number, code: string): void {
  expect({ status: reply.status, code: reply.json?.code }).toEqual({ status, code });
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(reply.headers['max-api']).toBe('1');
  expect(reply.json).toMatchObject({
    type: 'about:blank',
    status,
    title: expect.any(String),
    detail: expect.any(String),
  });
  expect(reply.json.requestId).toBe(reply.headers['x-request-id']);
}

const json = { 'content-type': 'application/json' };
const base = '/v1/networks/shop/apps/api';

describe('a problem document answers', () => {
  test.each<
    [what: string, method: string, path: string, options: Parameters<MaxKit['ask']>[2], status: number, code: string]
  >([
    ['an unknown path', 'GET', '/nope', {}, 404, 'RIG_NOT_FOUND'],
    ['an unknown path without a token', 'GET', '/v1/nope', { token: null }, 404, 'RIG_NOT_FOUND'],
    ['a slash too much', 'GET', '/v1/networks/', {}, 404, 'RIG_NOT_FOUND'],
    ['the root', 'GET', '/', {}, 404, 'RIG_NOT_FOUND'],
    ['another method', 'PUT', '/v1/networks', {}, 405, 'RIG_BAD_REQUEST'],
    ['a method that nobody knows', 'PROPFIND', '/v1/networks', {}, 405, 'RIG_BAD_REQUEST'],
    ['TRACE', 'TRACE', '/v1/networks', {}, 405, 'RIG_BAD_REQUEST'],
    ['a body that is no JSON', 'POST', '/v1/networks', { headers: json, body: '{"name":' }, 400, 'RIG_BAD_REQUEST'],
    ['a body that is a list', 'POST', '/v1/networks', { headers: json, body: '[]' }, 400, 'RIG_BAD_REQUEST'],
    ['a body that is null', 'POST', '/v1/networks', { headers: json, body: 'null' }, 400, 'RIG_BAD_REQUEST'],
    [
      'an empty body where one is wanted',
      'POST',
      '/v1/networks/shop/apps',
      { headers: json, body: '' },
      400,
      'RIG_BAD_REQUEST',
    ],
    [
      'a body that is no UTF-8',
      'POST',
      '/v1/networks',
      { headers: json, body: Buffer.from([0x22, 0xff, 0x22]) },
      400,
      'RIG_BAD_REQUEST',
    ],
    [
      'a body of another type',
      'POST',
      '/v1/networks',
      { headers: { 'content-type': 'text/plain' }, body: '{}' },
      415,
      'RIG_BAD_REQUEST',
    ],
    ['a body without a type', 'POST', '/v1/networks', { body: '{"name":"x"}' }, 415, 'RIG_BAD_REQUEST'],
    [
      'a compressed body',
      'POST',
      '/v1/networks',
      { headers: { ...json, 'content-encoding': 'gzip' }, body: '{}' },
      415,
      'RIG_BAD_REQUEST',
    ],
    [
      'a body that is too large',
      'POST',
      '/v1/networks',
      { headers: json, body: 'x'.repeat(1024 * 1024 + 1) },
      413,
      'RIG_TOO_LARGE',
    ],
    ['an alien name', 'GET', '/v1/networks', { headers: { host: 'evil.example' } }, 421, 'RIG_BAD_REQUEST'],
    [
      'an alien name with a port',
      'GET',
      '/v1/networks',
      { headers: { host: 'evil.example:7420' } },
      421,
      'RIG_BAD_REQUEST',
    ],
    [
      'a name that only begins well',
      'GET',
      '/v1/networks',
      { headers: { host: 'localhost.evil.example' } },
      421,
      'RIG_BAD_REQUEST',
    ],
    [
      'a name that only contains it',
      'GET',
      '/v1/networks',
      { headers: { host: '127.0.0.1.evil.example' } },
      421,
      'RIG_BAD_REQUEST',
    ],
    ['health under an alien name', 'GET', '/healthz', { headers: { host: 'evil.example' } }, 421, 'RIG_BAD_REQUEST'],
    ['a deployment of nothing', 'POST', `${base}/deployments`, { json: {} }, 400, 'RIG_BAD_REQUEST'],
    [
      'a deployment of an unknown upload',
      'POST',
      `${base}/deployments`,
      { json: { upload: 'upl_x' } },
      404,
      'RIG_UPLOAD_NOT_FOUND',
    ],
    ['a pack for an unknown upload', 'POST', `${base}/uploads/upl_x/packs`, {}, 404, 'RIG_UPLOAD_NOT_FOUND'],
    ['a malformed path', 'GET', '/v1/networks/%E0%A4%A', {}, 404, 'RIG_NETWORK_NOT_FOUND'],
  ])('%s', async (_what, method, path, options, status, code) => {
    expectProblem(await max.ask(method, path, options), status, code);
  });

  test('a body that says how large it is before it is sent, at once', async () => {
    const socket = connect(max.port, '127.0.0.1');
    const head = ['POST /v1/networks HTTP/1.1', 'host: localhost', `authorization: Bearer ${max.token}`];
    socket.write(`${[...head, 'content-type: application/json', 'content-length: 99999999999'].join('\r\n')}\r\n\r\n{`);
    const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});

test('a wrong method names the right ones', async () => {
  expect((await max.ask('PUT', '/v1/networks/shop')).headers.allow).toBe('GET, HEAD, PATCH, DELETE');
});

test('a problem never quotes a body, which may hold a secret', async () => {
  const reply = await max.ask('POST', '/v1/networks', { headers: json, body: '{"secret-value' });
  expect(reply.text).not.toContain('secret-value');
});

test('HEAD answers as GET does, without the body', async () => {
  const head = await max.ask('HEAD', '/v1/networks/shop');
  const get = await max.ask('GET', '/v1/networks/shop');
  expect({ status: head.status, text: head.text, etag: head.headers.etag }).toEqual({
    status: 200,
    text: '',
    etag: get.headers.etag,
  });
});

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '[::1]', 'localhost:1234'])(
  '%s is a name of the API',
  async (host) => {
    expect((await max.ask('GET', '/healthz', { headers: { host }, token: null })).json).toEqual({
      status: 'ok',
      version: '1.2.3',
    });
  },
);

test('the name of an app leads to the router, whatever the path', async () => {
  const reply = await max.ask('GET', '/v1/networks', { headers: { host: 'api.shop.localhost' } });
  expect(reply.status).toBe(503);
  expect(reply.text).toContain('no release');
});

test('a request line that is no URL is refused, and Max goes on', async () => {
  const raw = (line: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(max.port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      socket.on('close', () => resolve(text));
      socket.end(`${line}\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    });
  expect(await raw('GET http://[ HTTP/1.1')).toMatch(/^HTTP\/1\.1 400 [\s\S]*RIG_BAD_REQUEST/);
  expect(await raw('GET http://localhost/healthz HTTP/1.1')).toMatch(/^HTTP\/1\.1 200 /);
  expect(await raw('GET /%00%ff HTTP/1.1')).toMatch(/^HTTP\/1\.1 404 /);
  expect(await raw('nonsense')).toMatch(/^HTTP\/1\.1 400 /);
  expect((await max.ask('GET', '/healthz')).status).toBe(200);
});
