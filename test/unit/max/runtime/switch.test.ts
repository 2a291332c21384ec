import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ReleaseRows } from '../../../../plugins/max/src/deployments/release-rows.ts';
import { identityOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { nodeApp, openRuntime, type RuntimeKit, until } from './kit.ts';

let kit: RuntimeKit;
afterEach(async () => kit?.remove());

test('no request fails while releases take over from one another, with two instances each', async () => {
  kit = await openRuntime();
  const app = kit.app();
  new ReleaseRows(kit.database).configure(app.id, { formation: { web: 2 } });
  // A slow answer and a quick one; an app that ends at once when it is asked to.
  const tree = (text: string) => nodeApp(text);
  expect((await kit.deploy(app, tree('r0'))).state).toBe('healthy');
  let done = false;
  const statuses = new Map<string, number>();
  const agent = new Agent({ keepAlive: true });
  const client = async (method: 'GET' | 'POST'): Promise<void> => {
    while (!done) {
      const req = request({
        agent,
        host: '127.0.0.1',
        port: kit.port,
        method,
        path: '/',
        headers: { host: 'web.net.localhost' },
      });
      req.end(method === 'POST' ? 'body' : undefined);
      const [answer] = (await once(req, 'response')) as [IncomingMessage];
      let text = '';
      for await (const chunk of answer) text += chunk;
      const key = `${answer.statusCode} ${text}`;
      statuses.set(key, (statuses.get(key) ?? 0) + 1);
    }
  };
  const clients = [client('GET'), client('GET'), client('POST'), client('POST')];
  for (let release = 1; release <= 3; release += 1)
    expect((await kit.deploy(app, tree(`r${release}`))).state).toBe('healthy');
  done = true;
  await Promise.all(clients);
  agent.destroy();
  expect([...statuses.keys()].filter((key) => !/^200 r[0-3]$/.test(key))).toEqual([]);
  expect(statuses.has('200 r0') && statuses.has('200 r2')).toBe(true);
  expect((await kit.get(app, '/')).text).toBe('r3');
  expect(kit.runtime.summary(app)).toEqual({ state: 'running', release: 4 });
});

test('the release before ends when its last request has, and a WebSocket is closed when the drain is over', async () => {
  kit = await openRuntime({ tuning: { drainMs: 1_500 } });
  const app = kit.app();
  const tree = nodeApp('one');
  tree['server.js'] = `
    const http = require('node:http'), crypto = require('node:crypto');
    const server = http.createServer((req, res) => {
      if (req.url !== '/slow') return res.end('x');
      res.write('a'); setTimeout(() => res.end('b'), 500);
    });
    server.on('upgrade', (req, socket) => {
      const key = crypto.createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
      socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + key + '\\r\\n\\r\\n');
      socket.on('error', () => {});
    });
    server.listen(process.env.PORT);`;
  await kit.deploy(app, tree);
  const pid = (await kit.runtime.status(app)).instances[0]!.pid!;
  const socket = new WebSocket(`ws://127.0.0.1:${kit.port}/`, { headers: { host: 'web.net.localhost' } });
  await once(socket, 'open');
  const closed = once(socket, 'close');
  const slow = kit.get(app, '/slow');
  await kit.deploy(app, nodeApp('two'));
  expect((await kit.get(app, '/')).text).toBe('two');
  expect((await slow).text).toBe('ab');
  expect(identityOf(pid)).toBeDefined();
  // The app says nothing of its own at its end: the router does.
  expect((await closed)[0]).toBe(1012);
  await until(() => (identityOf(pid) === undefined ? true : undefined));
});

test('folders of old releases are removed but for the last few, and instance files go with their instance', async () => {
  kit = await openRuntime({ tuning: { keptReleases: 1 } });
  const app = kit.app();
  for (const text of ['one', 'two', 'three', 'four']) await kit.deploy(app, nodeApp(text));
  await until(async () => ((await kit.runtime.status(app)).instances.length === 1 ? true : undefined));
  await until(() => (readdirSync(join(kit.dir, 'builds')).length === 2 ? true : undefined));
  const [four, three] = kit.runtime.listReleases(app, { limit: 10, cursor: undefined }).items;
  expect(four).toMatchObject({ version: 4, current: true });
  for (const { buildId } of [four!, three!]) expect(existsSync(join(kit.dir, 'builds', buildId!))).toBe(true);
  expect(readdirSync(join(kit.dir, 'apps', app.id, 'instances'))).toHaveLength(1);
  expect((await kit.get(app, '/')).text).toBe('four');
});

test('lists come in pages, newest first', async () => {
  kit = await openRuntime();
  const app = kit.app();
  for (let count = 0; count < 3; count += 1) await kit.deploy(app, { 'readme.txt': 'x' });
  const first = kit.runtime.listDeployments(app, { limit: 2, cursor: undefined });
  expect(first.items).toHaveLength(2);
  const second = kit.runtime.listDeployments(app, { limit: 2, cursor: first.next! });
  expect(second.items).toHaveLength(1);
  expect(second.next).toBeNull();
  expect(kit.runtime.listBuilds(app, { limit: 10, cursor: 'alien' }).items).toHaveLength(3);
});

test('when an instance is killed another answers its GETs, and its POST is not sent again', async () => {
  kit = await openRuntime({ tuning: { backoffMs: 30_000 } });
  const app = kit.app();
  new ReleaseRows(kit.database).configure(app.id, { formation: { web: 2 } });
  // Both keep what comes waiting until a file is there.
  const tree = nodeApp('one');
  tree['server.js'] = `
    const { appendFileSync, existsSync } = require('node:fs');
    const { HOME, MAX_INSTANCE, PORT } = process.env;
    const held = [];
    setInterval(() => { if (existsSync(HOME + '/go')) for (const res of held.splice(0)) res.end(MAX_INSTANCE); }, 20);
    require('node:http').createServer((req, res) => {
      appendFileSync(HOME + '/seen', req.method + ' ' + MAX_INSTANCE + ';');
      held.push(res);
    }).listen(PORT, '127.0.0.1');`;
  expect((await kit.deploy(app, tree)).state).toBe('healthy');
  const home = join(kit.dir, 'apps', app.id, 'home');
  const seen = (): string[] =>
    existsSync(join(home, 'seen')) ? readFileSync(join(home, 'seen'), 'utf8').split(';').slice(0, -1) : [];
  const ask = async (method: string): Promise<{ status: number; text: string }> => {
    const headers = { host: 'web.net.localhost', accept: 'application/json' };
    const req = request({ host: '127.0.0.1', port: kit.port, method, agent: false, headers });
    req.end(method === 'POST' ? 'body' : undefined);
    const [answer] = (await once(req, 'response')) as [IncomingMessage];
    let text = '';
    for await (const piece of answer) text += piece;
    return { status: answer.statusCode!, text };
  };
  // The less busy one gets the next: each has one of each kind.
  const asked: Array<Promise<{ status: number; text: string }>> = [];
  for (const method of ['GET', 'GET', 'POST', 'POST']) {
    asked.push(ask(method));
    await until(() => (seen().length === asked.length ? true : undefined));
  }
  expect(seen().sort()).toEqual(['GET web.1', 'GET web.2', 'POST web.1', 'POST web.2']);
  const { pid } = (await kit.runtime.status(app)).instances.find(({ name }) => name === 'web.1')!;
  process.kill(pid!, 'SIGKILL');
  await until(() => (seen().length === 5 ? true : undefined));
  writeFileSync(join(home, 'go'), '');
  const answers = await Promise.all(asked);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 502]);
  const lost = answers.find(({ status }) => status === 502)!;
  expect(JSON.parse(lost.text)).toMatchObject({ code: 'RIG_BAD_GATEWAY' });
  expect(seen().slice(4)).toEqual(['GET web.2']);
});
