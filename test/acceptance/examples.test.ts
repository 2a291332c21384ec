import { once } from 'node:events';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askApp, deploy, EXAMPLES, openAppSocket, registryEnv } from '../support/app.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigJson, rigOk } from '../support/rig.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax(registryEnv());
});
afterAll(() => max.stop());

/** A copy of an example, because `--create` writes into the folder that it deploys. */
async function example(name: string): Promise<string> {
  const dir = join(max.home.dir, 'apps', name);
  await cp(join(EXAMPLES, name), dir, {
    recursive: true,
    filter: (path) => !/\/(node_modules|dist|\.rigrc)$/.test(path),
  });
  return dir;
}

describe('the Node server', () => {
  test('is deployed and asked through the router, and again without a byte more', async () => {
    const dir = await example('hello-node');
    const first = await deploy(max, 'hello.shop', dir);
    expect(first).toMatchObject({ release: 1, url: `http://hello.shop.localhost:${max.port}` });
    expect(first.sentBytes).toBe(first.bytes);
    expect(await askApp(max, 'hello.shop')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: `Hello from hello.shop.localhost:${max.port}! This is request 1.\n`,
    });

    // What `--create` wrote is enough from here on.
    const again = await rigJson<{ release: number; sentBytes: number; files: number }>(max.home, ['deploy'], {
      cwd: dir,
    });
    expect(again).toMatchObject({ release: 2, sentBytes: 0, files: first.files });
    expect((await askApp(max, 'hello.shop')).body).toContain('This is request 1.');

    await writeFile(join(dir, 'more.txt'), 'only this is new\n');
    expect(await rigJson(max.home, ['deploy'], { cwd: dir })).toMatchObject({
      release: 3,
      sentBytes: 17,
      files: first.files + 1,
    });
  });
});

describe('the WebSocket server', () => {
  test('is built in Max, and what one visitor says the other hears', async () => {
    await deploy(max, 'chat.shop', await example('websocket-node'));
    const page = await askApp(max, 'chat.shop');
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(page.body).toContain('<h1>Say something</h1>');

    const one = openAppSocket(max, 'chat.shop');
    await once(one, 'open');
    const other = openAppSocket(max, 'chat.shop');
    await once(other, 'open');
    const heard = [once(one, 'message'), once(other, 'message')];
    one.send('grüß dich');
    for (const message of heard) expect(String((await message)[0])).toBe('visitor 1: grüß dich');
    const closed = [once(one, 'close'), once(other, 'close')];
    one.close();
    other.close();
    await Promise.all(closed);

    const log = (await rigOk(max.home, ['logs', 'build', 'chat.shop'])).stdout;
    expect(log).toContain('$ npm ci');
    expect(log).toContain('$ npm run build');
    expect(log).toContain('the build succeeded');
  });
});

describe('the static site', () => {
  test('is served with types, ranges and validators', async () => {
    await deploy(max, 'site.shop', await example('static-site'));
    const page = await askApp(max, 'site.shop');
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(page.body).toContain('<h1>It works</h1>');
    expect((await askApp(max, 'site.shop', '/style.css')).headers['content-type']).toMatch(/^text\/css/);
    expect((await askApp(max, 'site.shop', '/icon.svg')).headers['content-type']).toMatch(/^image\/svg\+xml/);
    expect((await askApp(max, 'site.shop', '/about/')).body).toContain('How it got here');

    const part = await askApp(max, 'site.shop', '/', { headers: { range: 'bytes=0-14' } });
    expect(part).toMatchObject({
      status: 206,
      headers: { 'content-range': `bytes 0-14/${page.body.length}`, 'content-length': '15' },
      body: '<!doctype html>',
    });
    const beyond = await askApp(max, 'site.shop', '/', { headers: { range: 'bytes=999999-' } });
    expect(beyond).toMatchObject({ status: 416, headers: { 'content-range': `bytes */${page.body.length}` } });

    const { etag, 'last-modified': modified } = page.headers;
    expect(etag).toMatch(/^"|^W\//);
    expect(await askApp(max, 'site.shop', '/', { headers: { 'if-none-match': String(etag) } })).toMatchObject({
      status: 304,
      body: '',
    });
    if (modified)
      expect(await askApp(max, 'site.shop', '/', { headers: { 'if-modified-since': modified } })).toMatchObject({
        status: 304,
      });

    expect((await askApp(max, 'site.shop', '/nowhere')).status).toBe(404);
    expect((await askApp(max, 'site.shop', '/../../../../etc/passwd')).status).not.toBe(200);
    expect(await askApp(max, 'site.shop', '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect((await askApp(max, 'site.shop', '/', { method: 'POST' })).status).toBe(405);
  });
});

test('an app that is not there, or has no release, is said by the router', async () => {
  const missing = await askApp(max, 'nobody.nowhere');
  expect(missing.status).toBe(404);
  expect(missing.body).toContain('nobody');
  await rigOk(max.home, ['create', 'network', 'bare']);
  await rigOk(max.home, ['create', 'app', 'empty.bare']);
  const empty = await askApp(max, 'empty.bare');
  expect(empty.status).toBe(503);
  expect(empty.body).toContain('rig deploy');
});
