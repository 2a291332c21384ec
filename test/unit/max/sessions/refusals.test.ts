import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openSessions, type SessionKit, SHELL } from './kit.ts';
import { SessionClient } from './session-client.ts';

let max: SessionKit;
beforeAll(async () => {
  max = await openSessions({ tuning: { perUser: 2, retainMs: 1 } });
});
afterAll(() => max.remove());

const ask = (json: object, app = 'api') => max.ask('POST', `/v1/networks/shop/apps/${app}/sessions`, { json });

test.each([
  [{}, 'RIG_BAD_REQUEST', '"kind" must be'],
  [{ kind: 'shell' }, 'RIG_BAD_REQUEST', '"terminal" must have "columns"'],
  [{ kind: 'shell', terminal: { columns: 80, rows: 0, term: 'x' } }, 'RIG_BAD_REQUEST', 'from 1 to 10000'],
  [{ kind: 'shell', terminal: { columns: 80, rows: 24, term: '../x' } }, 'RIG_BAD_REQUEST', '"term"'],
  [{ kind: 'command', argv: [] }, 'RIG_BAD_REQUEST', '"argv" must be'],
  [{ kind: 'command', argv: ['a\0b'] }, 'RIG_BAD_REQUEST', 'zero byte'],
  [{ kind: 'command', argv: ['x', 'long'.repeat(150_000)] }, 'RIG_TOO_LARGE', 'arguments of 600003 bytes'],
  [{ kind: 'command', argv: ['x'], timeoutSeconds: -1 }, 'RIG_BAD_REQUEST', '"timeoutSeconds"'],
  [{ kind: 'forward', port: 70_000 }, 'RIG_BAD_REQUEST', '"port" must be'],
  [{ ...SHELL, instance: 'web.7' }, 'RIG_INSTANCE_NOT_FOUND', 'has no instance "web.7"'],
])('%#: a body that is wrong is refused', async (json, code, detail) => {
  const { json: problem } = await ask(json);
  expect(problem).toMatchObject({ code, detail: expect.stringContaining(detail) });
});

test('an app that was never deployed has nothing to enter, and says how to deploy it', async () => {
  await max.ask('POST', '/v1/networks/shop/apps', { json: { name: 'bare' } });
  const { status, json } = await ask(SHELL, 'bare');
  expect(status).toBe(409);
  expect(json).toMatchObject({ code: 'RIG_NO_INSTANCE', fix: expect.stringContaining('rig deploy --app bare.shop') });
});

test('one session more than Max allows is refused, and another fits once one has ended', async () => {
  const first = await max.open({ kind: 'command', argv: ['cat'] });
  await max.begin({ kind: 'command', argv: ['sleep', '100'] });
  const { status, json } = await ask(SHELL);
  expect([status, json.code]).toEqual([429, 'RIG_TOO_MANY_SESSIONS']);
  expect(json.detail).toContain('2 shells, commands and connections are open');
  first.writeEnd();
  await first.untilEnd();
  const { id } = await max.begin({ kind: 'command', argv: ['true'] });
  for (const session of (await max.ask('GET', '/v1/sessions?state=running')).json.items)
    await max.ask('DELETE', `/v1/sessions/${session.id}`);
  expect(id).toMatch(/^ses_/);
});

test('version 1 of the protocol, which carries no bytes, is refused at the join, and does not end Max', async () => {
  const { id } = await max.begin({ kind: 'command', argv: ['cat'] });
  const bearer = `base64url.bearer.phx.${Buffer.from(max.token).toString('base64url')}`;
  const socket = new WebSocket(`ws://127.0.0.1:${max.port}/socket/websocket`, ['phoenix', bearer]);
  await once(socket, 'open');
  socket.send(JSON.stringify({ topic: `session:${id}`, event: 'phx_join', payload: {}, ref: '1' }));
  const [data] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(data.toString()).payload).toMatchObject({
    status: 'error',
    response: { reason: 'bad_request', code: 'RIG_BAD_REQUEST', fix: 'connect with vsn=2.0.0' },
  });
  socket.close();
  const client = await new SessionClient(max, id).join();
  client.write('bytes\n');
  client.writeEnd();
  await client.untilEnd();
  expect(client.stdout.bytes.toString()).toBe('bytes\n');
});

test('a session needs the scope shell, that of a network admin too, and is its own users alone', async () => {
  const tokenOf = async (scopes: string[]): Promise<string> =>
    (await max.ask('POST', '/v1/tokens', { json: { name: scopes.join('-'), scopes } })).json.token;
  const reader = await tokenOf(['read', 'deploy']);
  const { json } = await max.ask('POST', '/v1/networks/shop/apps/api/sessions', { json: SHELL, token: reader });
  expect(json).toMatchObject({ code: 'RIG_FORBIDDEN', detail: expect.stringContaining('"shell"') });
  for (const scopes of [['shell'], ['admin']]) {
    const token = await tokenOf(scopes);
    expect((await max.ask('POST', '/v1/networks/shop/sessions', { json: SHELL, token })).status).toBe(403);
  }
  const plane = (await max.ask('POST', '/v1/networks/shop/sessions', { json: SHELL })).json.id;
  const within = await tokenOf(['shell']);
  for (const method of ['GET', 'DELETE'])
    expect((await max.ask(method, `/v1/sessions/${plane}`, { token: within })).json).toMatchObject({
      code: 'RIG_FORBIDDEN',
      detail: expect.stringContaining('"admin"'),
    });
  expect((await new SessionClient({ port: max.port, token: within }, plane).join()).refused?.reason).toBe('forbidden');
  expect((await max.ask('DELETE', `/v1/sessions/${plane}`)).json.state).toBe('ended');
  const { id } = await max.begin({ kind: 'command', argv: ['cat'] });
  const client = await new SessionClient({ port: max.port, token: reader }, id).join();
  expect(client.refused).toMatchObject({ reason: 'forbidden', code: 'RIG_FORBIDDEN' });
  const stranger = await new SessionClient(max, 'ses_none').join();
  expect(stranger.refused).toMatchObject({ reason: 'not_found', code: 'RIG_SESSION_NOT_FOUND' });
  expect((await max.ask('GET', '/v1/sessions/ses_none')).json.code).toBe('RIG_SESSION_NOT_FOUND');
  await max.ask('DELETE', `/v1/sessions/${id}`);
  const late = await new SessionClient(max, id).join();
  expect(late.refused).toMatchObject({ reason: 'ended', code: 'RIG_SESSION_ENDED' });
});
