import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { MetricsJoined, MetricsSample } from '@rig/plugin-api/max';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningMax, startMax } from '../../../../plugins/max/src/max.ts';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { statePaths } from '../../../../plugins/max/src/store/state-paths.ts';
import { ask, makeDir } from '../max-kit.ts';
import { until } from '../runtime/kit.ts';

type Frame = [joinRef: string | null, ref: string | null, topic: string, event: string, payload: unknown];

let dir: string;
let max: RunningMax | undefined;
let token: string;
const sockets: WebSocket[] = [];
beforeEach(() => {
  dir = makeDir();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await max?.stop();
  max = undefined;
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

/** Starts a Max that takes figures so often. */
async function start(sampleMs = 50): Promise<void> {
  const metrics = { sampleMs, minuteMs: sampleMs * 60 };
  max = await startMax({ dir, port: 0, owner: 'tester', pid: process.pid, version: '1.2.3', metrics });
  token = readFileSync(statePaths(dir).token, 'utf8').trim();
}

const api = (method: string, path: string, json?: unknown) =>
  ask(max!.port, token, method, path, json === undefined ? {} : { json });

/** A client that speaks the protocol and keeps every frame. */
async function connect(of = token) {
  const protocols = ['phoenix', `base64url.bearer.phx.${Buffer.from(of).toString('base64url')}`];
  const socket = new WebSocket(`ws://127.0.0.1:${max!.port}/socket/websocket?vsn=2.0.0`, protocols);
  sockets.push(socket);
  const frames: Frame[] = [];
  let bytes = 0;
  socket.on('message', (data) => {
    const text = String(data);
    bytes += text.length;
    frames.push(JSON.parse(text) as Frame);
  });
  await once(socket, 'open');
  let ref = 0;
  return {
    socket,
    bytes: () => bytes,
    join: async (topic: string) => {
      ref += 1;
      const mine = String(ref);
      socket.send(JSON.stringify([mine, mine, topic, 'phx_join', {}]));
      const frame = await until(() => frames.find((one) => one[1] === mine && one[3] === 'phx_reply'));
      return frame[4] as { status: string; response: MetricsJoined & { reason: string; code: string } };
    },
    samples: (topic: string) =>
      frames.filter((frame) => frame[2] === topic && frame[3] === 'sample').map((frame) => frame[4] as MetricsSample),
    ended: (topic: string) => until(() => frames.find((frame) => frame[2] === topic && frame[3] === 'phx_close')),
  };
}

test('a user, a network and an app have the samples that are theirs; instances are told of an app alone', async () => {
  await start();
  const userId = (await api('GET', '/v1/whoami')).json.user.id;
  const [one, two] = [(await api('POST', '/v1/networks', { name: 'one' })).json, 'two'];
  await api('POST', '/v1/networks', { name: two });
  const web = (await api('POST', '/v1/networks/one/apps', { name: 'web' })).json;
  await api('POST', '/v1/networks/two/apps', { name: 'api' });
  const client = await connect();
  const topics = [`metrics:user:${userId}`, `metrics:network:${one.id}`, `metrics:app:${web.id}`];
  for (const topic of topics) expect(await client.join(topic)).toMatchObject({ response: { intervalMs: 50 } });
  const [ofUser, ofNetwork, ofApp] = await Promise.all(
    topics.map((topic) => until(() => client.samples(topic).find(({ apps }) => apps.length > 0))),
  );
  const name = ({ app, network }: MetricsSample['apps'][number]) => `${app}.${network}`;
  expect(ofUser!.apps.map(name)).toEqual(['web.one', 'api.two']);
  expect(ofNetwork!.apps.map(name)).toEqual(['web.one']);
  expect(ofApp!.apps.map(name)).toEqual(['web.one']);
  expect(ofApp!.apps[0]!.instances).toEqual([]);
  expect(ofUser!.apps[0]).not.toHaveProperty('instances');
  await until(() => (client.samples(topics[0]!).length > 5 ? true : undefined));
  const times = client.samples(topics[0]!).map(({ at }) => Date.parse(at));
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  expect(times.every((at) => at % 50 === 0)).toBe(true);
  expect((await client.join(topics[0]!)).response.sample).toMatchObject({ apps: [{ app: 'web' }, { app: 'api' }] });

  await api('DELETE', '/v1/networks/one/apps/web');
  await client.ended(topics[2]!);
  await api('DELETE', '/v1/networks/one');
  await client.ended(topics[1]!);
  const last = await until(() => client.samples(topics[0]!).find(({ apps }) => apps.length === 1));
  expect(last.apps.map(name)).toEqual(['api.two']);
});

test('nobody sees what is another user’s, or without the scope read', async () => {
  await start();
  const database = openDatabase(statePaths(dir).database);
  const now = new Date().toISOString();
  database.run("INSERT INTO users (id, name, created_at) VALUES ('usr_other', 'other', ?)", [now]);
  database.run("INSERT INTO networks (id, name, owner_id, created_at) VALUES ('net_x', 'theirs', 'usr_other', ?)", [
    now,
  ]);
  database.run(
    "INSERT INTO apps (id, network_id, name, created_at, updated_at) VALUES ('app_x', 'net_x', 'web', ?, ?)",
    [now, now],
  );
  database.close();
  const mine = (await api('POST', '/v1/networks', { name: 'mine' })).json;
  const web = (await api('POST', '/v1/networks/mine/apps', { name: 'web' })).json;
  const seen = await until(async () => {
    const { json } = await api('GET', '/v1/metrics');
    return json.apps.length > 0 ? json.apps : undefined;
  });
  expect(seen.map(({ network }: { network: string }) => network)).toEqual(['mine']);
  expect((await api('GET', '/v1/networks/theirs/apps/web/metrics')).json.code).toBe('RIG_APP_NOT_FOUND');
  expect((await api('GET', '/metrics')).text).not.toContain('theirs');
  const client = await connect();
  const refusal = async (of: Awaited<ReturnType<typeof connect>>, topic: string) => {
    const { status, response } = await of.join(topic);
    return [status, response.reason, response.code];
  };
  expect(await refusal(client, 'metrics:user:usr_other')).toEqual(['error', 'forbidden', 'RIG_FORBIDDEN']);
  expect(await refusal(client, 'metrics:network:net_x')).toEqual(['error', 'not_found', 'RIG_NETWORK_NOT_FOUND']);
  expect(await refusal(client, 'metrics:app:app_x')).toEqual(['error', 'not_found', 'RIG_APP_NOT_FOUND']);
  expect(await refusal(client, 'metrics:app:app_none')).toEqual(['error', 'not_found', 'RIG_APP_NOT_FOUND']);
  expect((await refusal(client, 'metrics:'))[1]).toBe('not_found');
  expect((await refusal(client, `metrics:app:${web.id}:more`))[1]).toBe('not_found');
  const deploys = (await api('POST', '/v1/tokens', { name: 'x', scopes: ['deploy'] })).json.token;
  const weak = await connect(deploys);
  for (const topic of [`metrics:network:${mine.id}`, `metrics:app:${web.id}`])
    expect((await refusal(weak, topic))[1]).toBe('forbidden');
});

test('a client that does not read is left out, holds nobody up, and has the newest when it reads again', async () => {
  await start(1000);
  const owner = (await api('GET', '/v1/whoami')).json.user.id;
  await api('POST', '/v1/networks', { name: 'many' });
  await max!.stop();
  const database = openDatabase(statePaths(dir).database);
  const { id } = database.get<{ id: string }>('SELECT id FROM networks')!;
  const now = new Date().toISOString();
  // Far more than the system holds for a connection in a few dozen samples.
  database.transaction(() => {
    for (let index = 0; index < 2000; index += 1)
      database.run('INSERT INTO apps (id, network_id, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)', [
        ...[`app_${index}`, id, `app-${index}`, now, now],
      ]);
  });
  database.close();
  await start(100);
  const topic = `metrics:user:${owner}`;
  const [slow, fast] = [await connect(), await connect()];
  await slow.join(topic);
  await fast.join(topic);
  await until(() => (slow.samples(topic).length > 0 ? true : undefined));
  slow.socket.pause();
  // More than fits into both ends of a connection on this system, and more than Max lets wait for a client.
  const before = fast.bytes();
  await until(() => (fast.bytes() - before > 16_000_000 ? true : undefined));
  const newest = fast.samples(topic).at(-1)!.at;
  slow.socket.resume();
  await until(() => slow.samples(topic).find(({ at }) => at > newest));
  expect(slow.socket.readyState).toBe(WebSocket.OPEN);
  expect(slow.samples(topic).length).toBeLessThan(fast.samples(topic).length);
  const times = slow.samples(topic).map(({ at }) => at);
  expect(times).toEqual([...new Set(times)].sort());
});
