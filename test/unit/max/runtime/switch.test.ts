import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
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

test('the release before ends when its last request has, and a WebSocket is cut when the drain is over', async () => {
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
  await closed;
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
