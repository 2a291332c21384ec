import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Deployment, LogBatch, LogLine } from '@rig/plugin-api/max';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { SocketAssigns } from '../../../../plugins/max/src/channels/assigns.ts';
import { Endpoint } from '../../../../plugins/max/src/socket/index.ts';
import { nodeApp, openRuntime, type RuntimeKit, until } from './kit.ts';

type Frame = [joinRef: string | null, ref: string | null, topic: string, event: string, payload: unknown];

let kit: RuntimeKit;
let server: Server;
let endpoint: Endpoint;
let assigns: SocketAssigns;
const problems: unknown[] = [];

beforeEach(async () => {
  kit = await openRuntime();
  const owner = kit.database.get<{ id: string }>('SELECT id FROM users')!;
  assigns = { userId: owner.id, scopes: ['read'] };
  endpoint = new Endpoint({ onProblem: (problem) => problems.push(problem.cause), stopTimeoutMs: 100 });
  endpoint.mount<SocketAssigns>('/socket', { connect: () => ({ assigns }), channels: kit.runtime.channels() });
  server = createServer();
  server.on('upgrade', (req, socket, head) => endpoint.handleUpgrade(req, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  await endpoint.stop();
  server.close();
  await kit.remove();
  expect(problems).toEqual([]);
});

/** A client that speaks the protocol and keeps every frame. */
async function connect(): Promise<{
  socket: WebSocket;
  frames: Frame[];
  join: (topic: string, params?: unknown) => Promise<Frame>;
  send: (event: string, topic: string, payload: unknown) => void;
  payloads: <T>(event: string) => T[];
}> {
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/socket/websocket?vsn=2.0.0`);
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  await once(socket, 'open');
  let ref = 0;
  const send = (event: string, topic: string, payload: unknown): void => {
    ref += 1;
    socket.send(JSON.stringify([topic, String(ref), topic, event, payload]));
  };
  return {
    socket,
    frames,
    send,
    join: (topic, params = {}) => {
      send('phx_join', topic, params);
      return until(() => frames.find((frame) => frame[3] === 'phx_reply' && frame[2] === topic));
    },
    payloads: (event) => frames.filter((frame) => frame[3] === event).map((frame) => frame[4] as never),
  };
}

const linesOf = (batches: LogBatch[]): LogLine[] => batches.flatMap((batch) => ('lines' in batch ? batch.lines : []));

test('a deployment is followed to its end, each state once and in order', async () => {
  const app = kit.app();
  const created = kit.runtime.createDeployment(app, await kit.upload(app, nodeApp('one')));
  const client = await connect();
  const reply = await client.join(`deployment:${created.id}`);
  const first = (reply[4] as { status: string; response: { deployment: Deployment } }).response.deployment;
  const last = await until(() =>
    client.payloads<{ deployment: Deployment }>('update').find(({ deployment }) => deployment.state === 'healthy'),
  );
  expect(last.deployment).toMatchObject({ release: 1, failure: null });
  const seqs = [
    first,
    ...client.payloads<{ deployment: Deployment }>('update').map(({ deployment }) => deployment),
  ].map(({ seq }) => seq);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  expect(new Set(seqs).size).toBe(seqs.length);
});

test('a build log is sent whole, then its end', async () => {
  const app = kit.app();
  const { buildId } = await kit.deploy(app, nodeApp('one'));
  const client = await connect();
  await client.join(`logs:build:${buildId}`, { after: 0 });
  const [end] = await until(() =>
    client.payloads<{ last: number }>('end').length > 0 ? client.payloads<{ last: number }>('end') : undefined,
  );
  const lines = linesOf(client.payloads('lines'));
  expect(lines.map((line) => line.seq)).toEqual(lines.map((_, index) => index + 1));
  expect(end).toEqual({ last: lines.length });
  expect(lines.at(-1)?.text).toBe('the build succeeded');
});

test('an app log is followed by acknowledgements, and resumed without a loss or a double', async () => {
  const app = kit.app();
  await kit.deploy(app, nodeApp('one', 'for (let n = 1; n <= 3000; n++) console.log("line " + n);'));
  const topic = `logs:app:${app.id}`;
  const first = await connect();
  const { response } = (await first.join(topic, { after: 0 }))[4] as { response: { last: number; window: number } };
  await until(() => (linesOf(first.payloads('lines')).length === response.window ? true : undefined));
  first.send('ack', topic, { seq: response.window });
  await until(() => (linesOf(first.payloads('lines')).length === 2 * response.window ? true : undefined));
  first.socket.terminate();
  const seen = linesOf(first.payloads('lines'));

  const second = await connect();
  await second.join(topic, { after: seen.at(-1)!.seq });
  await until(() => (linesOf(second.payloads('lines')).length >= response.window ? true : undefined));
  const all = [...seen, ...linesOf(second.payloads('lines'))];
  expect(all.map((line) => line.seq)).toEqual(all.map((_, index) => index + 1));

  const third = await connect();
  await third.join(topic, { lines: 5 });
  const tail = await until(() =>
    linesOf(third.payloads('lines')).length === 5 ? linesOf(third.payloads('lines')) : undefined,
  );
  expect(tail.at(-1)?.seq).toBe((await kit.runtime.appLogs(app, { lines: 1, after: undefined })).last);
});

test('the channels of a deployment and of a build end with their app', async () => {
  const app = kit.app();
  const { id, buildId } = await kit.deploy(app, nodeApp('one'));
  const client = await connect();
  const topics = [`deployment:${id}`, `logs:app:${app.id}`, `logs:build:${buildId}`];
  for (const topic of topics) await client.join(topic);
  await kit.runtime.removeApp(app);
  kit.events.append({ type: 'app.deleted', app, text: 'gone' });
  const closed = (): unknown[] => client.frames.filter((frame) => frame[3] === 'phx_close').map((frame) => frame[2]);
  await until(() => (closed().length === topics.length ? true : undefined));
  expect(closed().sort()).toEqual([...topics].sort());
});

test.each([
  ['deployment:dep_none', 'not_found'],
  ['logs:app:app_none', 'not_found'],
  ['logs:build:bld_none', 'not_found'],
  ['logs:network:x', 'not_found'],
])('a join of %s is refused', async (topic, reason) => {
  const client = await connect();
  expect((await client.join(topic))[4]).toMatchObject({ status: 'error', response: { reason } });
});

test("another user's app is not there, and without the scope nothing is", async () => {
  const app = kit.app();
  const { id } = await kit.deploy(app, nodeApp('one'));
  assigns = { userId: 'usr_other', scopes: ['read', 'deploy', 'admin'] };
  const other = await connect();
  expect((await other.join(`logs:app:${app.id}`))[4]).toMatchObject({ response: { reason: 'not_found' } });
  expect((await other.join(`deployment:${id}`))[4]).toMatchObject({ response: { reason: 'not_found' } });
  const owner = kit.database.get<{ id: string }>('SELECT id FROM users')!;
  assigns = { userId: owner.id, scopes: ['deploy'] };
  const blind = await connect();
  expect((await blind.join(`logs:app:${app.id}`))[4]).toMatchObject({ response: { reason: 'forbidden' } });
});
