import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFileServer } from '../../../../plugins/max/src/static/file-server.ts';

let dir: string;
let server: Server;
let port: number;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'max-static-'));
  const root = join(dir, 'site');
  mkdirSync(join(root, 'docs'), { recursive: true });
  mkdirSync(join(root, '.git'));
  mkdirSync(join(root, '.well-known'));
  mkdirSync(join(dir, 'site-secret'));
  writeFileSync(join(dir, 'secret.txt'), 'secret');
  writeFileSync(join(dir, 'site-secret', 'x.txt'), 'secret');
  writeFileSync(join(root, 'index.html'), '<p>home</p>');
  writeFileSync(join(root, '404.html'), '<p>lost</p>');
  writeFileSync(join(root, 'docs', 'index.html'), '<p>docs</p>');
  writeFileSync(join(root, 'data.txt'), '0123456789');
  writeFileSync(join(root, 'empty.css'), '');
  writeFileSync(join(root, 'a b+c.txt'), 'spaces');
  writeFileSync(join(root, '.env'), 'secret');
  writeFileSync(join(root, '.git', 'config'), 'secret');
  writeFileSync(join(root, '.well-known', 'x.txt'), 'known');
  symlinkSync('data.txt', join(root, 'link.txt'));
  symlinkSync('../secret.txt', join(root, 'out.txt'));
  symlinkSync('..', join(root, 'up'));
  symlinkSync('.env', join(root, 'env.txt'));
  server = createFileServer(root);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

async function ask(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  const req = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  req.end();
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode!, headers: answer.headers, text };
}

test('files, index files and a page for what is not there', async () => {
  expect(await ask('/')).toMatchObject({
    status: 200,
    text: '<p>home</p>',
    headers: { 'content-type': 'text/html; charset=utf-8' },
  });
  expect(await ask('/docs/')).toMatchObject({ status: 200, text: '<p>docs</p>' });
  expect(await ask('/docs?a=1')).toMatchObject({ status: 308, headers: { location: '/docs/?a=1' } });
  expect(await ask('/nothing')).toMatchObject({ status: 404, text: '<p>lost</p>' });
  expect(await ask('/a%20b+c.txt?v=2')).toMatchObject({ status: 200, text: 'spaces' });
  expect(await ask('/.well-known/x.txt')).toMatchObject({ status: 200, text: 'known' });
  expect(await ask('/link.txt')).toMatchObject({ status: 200, text: '0123456789' });
  expect(await ask('/empty.css')).toMatchObject({ status: 200, text: '', headers: { 'content-length': '0' } });
  expect((await ask('/data.txt/')).status).toBe(404);
});

test('HEAD has the headers alone; other methods are refused', async () => {
  expect(await ask('/data.txt', {}, 'HEAD')).toMatchObject({
    status: 200,
    text: '',
    headers: { 'content-length': '10' },
  });
  expect(await ask('/data.txt', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

test('validators answer 304', async () => {
  const { headers } = await ask('/data.txt');
  expect(await ask('/data.txt', { 'if-none-match': `"x", W/${headers.etag}` })).toMatchObject({
    status: 304,
    text: '',
  });
  expect(
    (await ask('/data.txt', { 'if-none-match': '"x"', 'if-modified-since': headers['last-modified']! })).status,
  ).toBe(200);
  expect((await ask('/data.txt', { 'if-modified-since': headers['last-modified']! })).status).toBe(304);
  expect((await ask('/data.txt', { 'if-modified-since': 'nonsense' })).status).toBe(200);
});

test.each([
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
  ['bytes=10-', 416, undefined, 'bytes */10'],
  ['bytes=-0', 416, undefined, 'bytes */10'],
  ['bytes=0-1,3-4', 200, '0123456789', undefined],
  ['bytes=5-2', 200, '0123456789', undefined],
  ['lines=1-2', 200, '0123456789', undefined],
])('the range %s', async (range, status, text, contentRange) => {
  const answer = await ask('/data.txt', { range });
  expect(answer.status).toBe(status);
  if (text !== undefined) expect(answer.text).toBe(text);
  expect(answer.headers['content-range']).toBe(contentRange);
});

test('a range holds only for the file that it was asked of', async () => {
  const { headers } = await ask('/data.txt');
  expect((await ask('/data.txt', { range: 'bytes=0-1', 'if-range': headers.etag! })).status).toBe(206);
  expect((await ask('/data.txt', { range: 'bytes=0-1', 'if-range': '"old"' })).status).toBe(200);
});

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/docs/..%2f..%2fsecret.txt',
  '/docs/%2e%2e/%2e%2e/secret.txt',
  '/..%5csecret.txt',
  '//../secret.txt',
  '/%00/../secret.txt',
  '/data.txt%00.html',
  '/../site-secret/x.txt',
  '/up/secret.txt',
  '/out.txt',
  '/env.txt',
  '/.env',
  '/%2eenv',
  '/.git/config',
  '/docs/.../x',
  '/%zz',
  '/%c0%ae%c0%ae/secret.txt',
])('the path %s shows nothing', async (path) => {
  const answer = await ask(path);
  expect(answer.status).toBe(404);
  expect(answer.text).not.toContain('secret');
});

test('a redirect never leads to another host', async () => {
  const answer = await ask('//docs');
  expect(answer.headers.location ?? '/docs/').toBe('/docs/');
});
