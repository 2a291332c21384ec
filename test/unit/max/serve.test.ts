import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, digestOf, fileEntry, makeDir, PACK, packed } from './max-kit.ts';
import { type MaxProcess, spawnMax } from './max-process.ts';

let dir: string;
const processes: MaxProcess[] = [];
const start = async (args?: readonly string[]): Promise<MaxProcess> => {
  const max = await spawnMax(dir, args);
  processes.push(max);
  return max;
};
beforeEach(() => {
  dir = makeDir();
});
afterEach(async () => {
  for (const max of processes.splice(0))
    if (max.child.exitCode === null && max.child.signalCode === null) await max.end('SIGKILL');
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

const runFile = () => JSON.parse(readFileSync(join(dir, 'max.json'), 'utf8'));

describe('a Max process', () => {
  test('says where it serves, ends well at SIGTERM, and can be started again', async () => {
    const first = await start();
    expect(first.first).toMatchObject({ kind: 'ready', pid: first.child.pid, url: `http://127.0.0.1:${first.port}` });
    expect(runFile()).toMatchObject({ pid: first.child.pid, port: first.port });
    expect((await ask(first.port, '', 'GET', '/healthz')).json.status).toBe('ok');
    expect(await first.end('SIGTERM')).toBe(0);
    expect(existsSync(join(dir, 'max.json'))).toBe(false);
    const second = await start();
    expect(second.token).toBe(first.token);
    expect(await second.end('SIGINT')).toBe(0);
  });

  test('leaves its terminal behind', async () => {
    const max = await start();
    max.child.kill('SIGHUP');
    expect((await ask(max.port, '', 'GET', '/healthz')).status).toBe(200);
  });

  test('is refused a folder that another one uses, which goes on', async () => {
    const first = await start();
    const second = await start();
    expect(second.first).toMatchObject({
      kind: 'failed',
      error: { code: 'RIG_MAX_RUNNING', exitCode: 5, message: expect.stringContaining(`process ${first.child.pid}`) },
    });
    expect(runFile().pid).toBe(first.child.pid);
    expect((await ask(first.port, '', 'GET', '/healthz')).status).toBe(200);
  });

  test('is refused a port that is taken, and is told by whom; its folder is free again', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const refused = await start(['--port', String(port)]);
    expect(refused.first).toMatchObject({
      kind: 'failed',
      error: {
        code: 'RIG_PORT_TAKEN',
        exitCode: 5,
        hint: expect.stringContaining('--port'),
        details: { port, pid: process.pid },
      },
    });
    server.close();
    expect((await start()).first.kind).toBe('ready');
  });

  test.each([
    [['--port', 'x'], /port from 0 to 65535/],
    [['--port', '65536'], /port from 0 to 65535/],
    [['--task', 'dance'], /no task/],
    [['--nonsense'], /nonsense/],
  ])('refuses the options %j', async (args, says) => {
    const { first } = await start(args);
    expect(first).toMatchObject({
      kind: 'failed',
      error: { code: 'RIG_USAGE', exitCode: 2, message: expect.stringMatching(says) },
    });
  });

  test('says that its database is damaged, and leaves it', async () => {
    mkdirSync(dir);
    writeFileSync(join(dir, 'max.db'), 'no database '.repeat(1000));
    const { first, stderr } = await start();
    expect(first).toMatchObject({ kind: 'failed', error: { code: 'RIG_DATABASE_UNREADABLE' } });
    expect(stderr()).not.toContain('    at ');
    expect(readFileSync(join(dir, 'max.db'), 'utf8')).toMatch(/^no database/);
  });

  test('with a damaged database can be reset', async () => {
    mkdirSync(dir);
    writeFileSync(join(dir, 'max.db'), 'no database '.repeat(1000));
    expect((await start(['--task', 'reset'])).first).toEqual({ kind: 'done', apps: 0 });
    expect(existsSync(dir)).toBe(false);
  });
});

describe('kill -9', () => {
  test('loses nothing that was acknowledged, wherever it strikes', async () => {
    let max = await start();
    const acknowledged: string[] = [];
    const deleted = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { port, token } = max;
      let killed = false;
      const work = async (lane: number): Promise<void> => {
        for (let at = 0; !killed; at += 1) {
          const name = `n${round}-${lane}-${at}`;
          const made = await ask(port, token, 'POST', '/v1/networks', { json: { name } }).catch(() => undefined);
          if (made?.status !== 201) return;
          acknowledged.push(name);
          if (at % 3 !== 0) continue;
          const gone = await ask(port, token, 'DELETE', `/v1/networks/${name}`).catch(() => undefined);
          if (gone?.status === 204) deleted.add(name);
          else if (gone === undefined) acknowledged.splice(acknowledged.indexOf(name), 1);
        }
      };
      const lanes = Promise.all([0, 1, 2].map(work));
      const enough = acknowledged.length + 60;
      await expect.poll(() => acknowledged.length, { interval: 5, timeout: 60_000 }).toBeGreaterThan(enough);
      killed = true;
      expect(await max.end('SIGKILL')).toBe('SIGKILL');
      await lanes;
      max = await start();
    }
    for (const name of acknowledged) {
      const { status } = await ask(max.port, max.token, 'GET', `/v1/networks/${name}`);
      expect(`${name} ${status}`).toBe(`${name} ${deleted.has(name) ? 404 : 200}`);
    }
    expect(deleted.size).toBeGreaterThan(0);
  });

  test('keeps the chunks that were answered for, and leaves no half ones', async () => {
    const max = await start();
    const call = (method: string, path: string, json?: object) =>
      ask(max.port, max.token, method, path, json === undefined ? {} : { json });
    await call('POST', '/v1/networks', { name: 'shop' });
    await call('POST', '/v1/networks/shop/apps', { name: 'api' });
    const contents = Array.from({ length: 40 }, () => randomBytes(100_000));
    const uploads = '/v1/networks/shop/apps/api/uploads';
    const entries = contents.map((content, at) => fileEntry(`f${at}`, content));
    const { id } = (await call('POST', uploads, { entries })).json;
    const send = (body: Buffer) =>
      ask(max.port, max.token, 'POST', `${uploads}/${id}/packs`, { headers: PACK, body }).catch(() => undefined);
    const first = Buffer.concat(contents.slice(0, 5).map((content) => packed(content)));
    expect((await send(first))?.json).toEqual({ received: 5, missing: 35 });
    const rest = contents.slice(5).map((content) => send(packed(content)));
    await Promise.race(rest);
    await max.end('SIGKILL');
    const answers = await Promise.all(rest);
    const again = await start();
    const { json } = await ask(again.port, again.token, 'GET', `${uploads}/${id}`);
    contents.forEach((content, at) => {
      const answered = at < 5 || answers[at - 5]?.status === 200;
      if (answered) expect(json.missing).not.toContain(digestOf(content));
    });
    const left = contents.filter((content) => json.missing.includes(digestOf(content)));
    const body = Buffer.concat(left.map((content) => packed(content)));
    const done = await ask(again.port, again.token, 'POST', `${uploads}/${id}/packs`, { headers: PACK, body });
    expect(done.json).toEqual({ received: left.length, missing: 0 });
  });
});
