import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../runtime/kit.ts';
import { openSessions, type SessionKit, SHELL } from './kit.ts';
import { SessionClient } from './session-client.ts';

let max: SessionKit;
beforeAll(async () => {
  max = await openSessions();
});
afterAll(() => max.remove());

/** A server on a port of its own. */
async function listen(host: string, onSocket: (socket: Socket) => void): Promise<{ port: number; close(): void }> {
  const server = createServer({ allowHalfOpen: true }, onSocket);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { port: (server.address() as { port: number }).port, close: () => void server.close() };
}

test('a connection goes to the port of the instance unless another is named', async () => {
  const client = await max.open({ kind: 'forward' });
  client.write('GET / HTTP/1.0\r\n\r\n');
  await client.untilText('hello');
  client.writeEnd();
  expect(await client.untilEnd()).toMatchObject({ reason: 'exited' });
  const [line] = (await max.ask('GET', '/v1/audit?action=forward')).json.items;
  expect(line.what).toMatch(/^localhost:\d+$/);
});

test.each(['127.0.0.1', '::1'])('each side of a connection may end its half, at %s', async (host) => {
  const server = await listen(host, (socket) => {
    let got = '';
    socket.on('data', (bytes) => {
      got += bytes;
    });
    socket.on('end', () => socket.end(`you said ${got}`));
  });
  const client = await max.open({ kind: 'forward', port: server.port });
  client.write('all of it');
  client.writeEnd();
  expect(await client.untilEnd()).toMatchObject({ reason: 'exited' });
  expect(client.text).toBe('you said all of it');
  expect(client.stdout.eof).toBe(18);
  server.close();
});

test('a server that ends first still gets what the client says', async () => {
  let got = '';
  const server = await listen('127.0.0.1', (socket) => {
    socket.end('bye');
    socket.on('data', (bytes) => {
      got += bytes;
    });
  });
  const client = await max.open({ kind: 'forward', port: server.port });
  await client.until(() => client.stdout.eof === 3);
  expect(client.end).toBeUndefined();
  client.write('wait, there is more');
  client.writeEnd();
  await client.untilEnd();
  expect([client.text, got]).toEqual(['bye', 'wait, there is more']);
  server.close();
});

test('a port that nobody listens on, and a connection that breaks, say so', async () => {
  const server = await listen('127.0.0.1', (socket) => socket.once('data', () => socket.resetAndDestroy()));
  const broken = await max.open({ kind: 'forward', port: server.port });
  broken.write('x');
  expect(await broken.untilEnd()).toMatchObject({
    reason: 'failed',
    detail: expect.stringContaining(`the connection to port ${server.port} broke: `),
  });
  server.close();
  const refused = await max.open({ kind: 'forward', port: server.port });
  expect(await refused.untilEnd()).toMatchObject({
    reason: 'failed',
    code: null,
    detail: `nothing listens on port ${server.port} there`,
  });
});

test('the control plane of a network has a folder of its own, a way to its apps, and none of their values', async () => {
  await max.ask('POST', '/v1/networks/shop/apps/api/secrets', { json: { values: { HIDDEN: 'away' }, stage: true } });
  const { status, json } = await max.ask('POST', '/v1/networks/shop/sessions', { json: SHELL });
  expect(status).toBe(201);
  expect(json).toMatchObject({ kind: 'shell', network: 'shop', app: null, instance: null, release: null });
  const client = await new SessionClient(max, json.id).join();
  client.write('echo "in $PWD of $MAX_NETWORK"; cat apps/api/code/server.js; curl -s $MAX_URL/healthz; env; exit\n');
  await client.untilEnd();
  const { id } = (await max.ask('GET', '/v1/networks/shop')).json;
  const home = join(max.dir, 'networks', id, 'home');
  expect(client.text).toMatch(/shop [#$] /);
  expect(client.text).toContain(`in ${home} of shop`);
  expect(client.text).toContain('createServer');
  expect(client.text).not.toContain('HIDDEN');
  expect(readlinkSync(join(home, 'apps', 'api', 'home'))).toContain(join(max.dir, 'apps'));
  expect((await max.ask('GET', '/v1/audit')).json.items[0]).toMatchObject({
    action: 'shell',
    app: null,
    network: 'shop',
  });
  // Files of a person's are left alone, whatever their names; an app's links go with it.
  writeFileSync(join(home, 'apps', 'notes'), 'mine');
  writeFileSync(join(home, 'apps', 'late'), 'mine too');
  for (const name of ['late', 'gone']) await max.ask('POST', '/v1/networks/shop/apps', { json: { name } });
  const enter = async (): Promise<void> => {
    const { id } = (await max.ask('POST', '/v1/networks/shop/sessions', { json: SHELL })).json;
    await max.ask('DELETE', `/v1/sessions/${id}`);
  };
  await enter();
  expect(readdirSync(join(home, 'apps')).sort()).toEqual(['api', 'gone', 'late', 'notes']);
  await max.ask('DELETE', '/v1/networks/shop/apps/gone');
  await enter();
  expect(readdirSync(join(home, 'apps')).sort()).toEqual(['api', 'late', 'notes']);
  expect(['notes', 'late'].map((name) => readFileSync(join(home, 'apps', name), 'utf8'))).toEqual(['mine', 'mine too']);
  const refused = await max.ask('POST', '/v1/networks/shop/sessions', { json: { kind: 'command', argv: ['true'] } });
  expect(refused.json.code).toBe('RIG_BAD_REQUEST');
});

test('the control plane goes with its network, and who is in it is put out', async () => {
  const { id } = (await max.ask('POST', '/v1/networks', { json: { name: 'brief' } })).json;
  const { json } = await max.ask('POST', '/v1/networks/brief/sessions', { json: SHELL });
  const client = await new SessionClient(max, json.id).join();
  await client.untilText('brief ');
  await max.ask('DELETE', '/v1/networks/brief');
  expect(await client.untilEnd()).toMatchObject({ reason: 'stopped' });
  await until(() => (existsSync(join(max.dir, 'networks', id)) ? undefined : true));
});
