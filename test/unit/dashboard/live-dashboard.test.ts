import { RigError, type Services } from '@rig/plugin-api';
import type { LogLine, MetricsSample } from '@rig/plugin-api/max';
import { afterEach, expect, test } from 'vitest';
import type { PanelsPayload } from '../../../plugins/dashboard/src/hooks.ts';
import { LiveDashboard } from '../../../plugins/dashboard/src/model/live-dashboard.ts';
import { type ScriptedSocket, scriptedSocket } from '../../support/scripted-socket.ts';
import { appMetrics, sampleAt } from './app-metrics.ts';

const down = new RigError({ code: 'RIG_UNREACHABLE', message: 'cannot reach Max', exitCode: 6 });
const sample = (second: number, requests: number): MetricsSample =>
  sampleAt(second, [appMetrics('api', { requests }), appMetrics('blog', { network: 'other' })]);

let running: LiveDashboard | undefined;
afterEach(() => running?.stop());

/** A dashboard whose Max the test plays: what HTTP answers by path, where an error is thrown. */
async function started(
  answers: Record<string, unknown>,
  network?: string,
  tap: (payload: PanelsPayload) => void = () => {},
) {
  const socket: ScriptedSocket = scriptedSocket();
  const max: Record<string, unknown> = {
    '/v1/whoami': { user: { id: 'usr_1', name: 'ann' } },
    '/v1/networks/shop': { id: 'net_1', name: 'shop' },
    '/v1/events': { events: [], last: 0, through: 0 },
    '/v1/networks/shop/apps/api/metrics': { resolution: 1, points: [] },
    '/v1/networks/other/apps/blog/metrics': { resolution: 1, points: [] },
    '/v1/networks/shop/apps/api/status': { app: {}, instances: [], events: [] },
    ...answers,
  };
  const http = {
    get: async (path: string) => {
      if (max[path] instanceof Error) throw max[path];
      return max[path];
    },
  };
  const services = {
    config: async () => ({ target: () => ({ context: 'local', server: 'http://127.0.0.1:7420' }) }),
    http: async () => http,
    socket: async () => socket,
    fire: async (_hook: unknown, payload: PanelsPayload) => tap(payload),
    signal: new AbortController().signal,
  } as unknown as Services;
  running = await LiveDashboard.start(services, { network }, { quietMs: 60_000, pollMs: 5, joinMs: 5, pastMs: 0 });
  return { dashboard: running, socket, max };
}

test('figures come over the socket, are kept by the second, and what happened before is asked for', async () => {
  const statuses = { '1xx': 0, '2xx': 7, '3xx': 0, '4xx': 0, '5xx': 0 };
  const { cpu, memoryBytes, sockets } = appMetrics('api');
  const point = {
    at: new Date(98_000).toISOString(),
    requests: 7,
    statuses,
    latencyMs: null,
    cpu,
    memoryBytes,
    sockets,
  };
  const { dashboard, socket } = await started({
    '/v1/metrics': sample(100, 1),
    '/v1/networks/shop/apps/api/metrics': { resolution: 1, points: [point] },
  });
  const channel = await socket.nextJoin('metrics:user:usr_1');
  channel.accept({ sample: sample(101, 2), intervalMs: 1000 });
  await expect.poll(() => dashboard.snapshot().connection.state).toBe('live');
  channel.emit('sample', sample(103, 4));
  await expect.poll(() => dashboard.second).toBe(103);
  await expect.poll(() => dashboard.figure('app_api', 'requests', 6)).toEqual([7, Number.NaN, 1, 2, Number.NaN, 4]);
  expect(dashboard.snapshot()).toMatchObject({ user: 'ann', totals: { apps: 2, requestsPerSecond: 4 } });
  // An app that is gone takes its figures along.
  channel.emit('sample', sampleAt(104, [appMetrics('blog', { network: 'other' })]));
  await expect.poll(() => dashboard.series('app_api')).toBeUndefined();
});

/** A point of the past with so many requests. */
function pointAt(second: number, requests: number): object {
  const { statuses, latencyMs, cpu, memoryBytes, sockets } = appMetrics('api');
  return { at: new Date(second * 1000).toISOString(), requests, statuses, latencyMs, cpu, memoryBytes, sockets };
}

test('an app that was deleted meanwhile takes no other one its past, and what did not come is asked for again', async () => {
  const gone = new RigError({ code: 'RIG_APP_NOT_FOUND', message: 'there is no app api', exitCode: 3 });
  const { dashboard, max } = await started({
    '/v1/metrics': sampleAt(
      100,
      ['api', 'web', 'late'].map((name) => appMetrics(name)),
    ),
    '/v1/networks/shop/apps/api/metrics': gone,
    '/v1/networks/shop/apps/web/metrics': { resolution: 1, points: [pointAt(98, 7)] },
    '/v1/networks/shop/apps/late/metrics': down,
  });
  await expect.poll(() => dashboard.pastVersion).toBe(1);
  expect(dashboard.figure('app_web', 'requests', 3)).toEqual([7, Number.NaN, 0]);
  expect(dashboard.figure('app_late', 'requests', 3)).toEqual([Number.NaN, Number.NaN, 0]);
  max['/v1/networks/shop/apps/late/metrics'] = { resolution: 1, points: [pointAt(99, 5)] };
  await expect.poll(() => dashboard.pastVersion).toBe(2);
  expect(dashboard.figure('app_late', 'requests', 3)).toEqual([Number.NaN, 5, 0]);
});

test('panels that were made before the past came are made again soon after it', async () => {
  const { dashboard } = await started(
    { '/v1/metrics': sample(100, 1), '/v1/networks/shop/apps/api/metrics': { points: [pointAt(99, 5)] } },
    undefined,
    ({ series, add }) =>
      add({ id: 'a', title: `${series('app_api')?.requests.filter((one) => one > 0)}`, refreshSeconds: 3600 }),
  );
  await expect.poll(() => dashboard.snapshot().panels[0]?.title, { timeout: 5000 }).toBe('5,1');
});

test('a span of an open app that did not come is asked for again', async () => {
  const { dashboard, socket, max } = await started({
    '/v1/metrics': sample(100, 1),
    '/v1/networks/shop/apps/api/metrics': down,
  });
  const channel = await socket.nextJoin('metrics:user:usr_1');
  channel.accept({ sample: null, intervalMs: 1000 });
  const opened = dashboard.open(dashboard.snapshot().apps[0] as never);
  opened.load('1h');
  channel.emit('sample', sample(101, 2));
  await expect.poll(() => dashboard.second).toBe(101);
  expect([opened.pastVersion, opened.trouble]).toEqual([0, null]);
  max['/v1/networks/shop/apps/api/metrics'] = { resolution: 1, points: [pointAt(99, 5)] };
  channel.emit('sample', sample(102, 3));
  await expect.poll(() => opened.figures('1h', 102).requests.slice(-4)).toEqual([5, 1, 2, 3]);
  // Under another name it is the same app.
  channel.emit('sample', sampleAt(103, [appMetrics('web', { id: 'app_api', requests: 4 })]));
  await expect.poll(() => opened.app).toEqual({ id: 'app_api', app: 'web', network: 'shop' });
});

test('the day of an open app goes on: a minute that has ended is asked for', async () => {
  const { dashboard, socket, max } = await started({ '/v1/metrics': sample(100, 1) });
  const channel = await socket.nextJoin('metrics:user:usr_1');
  channel.accept({ sample: null, intervalMs: 1000 });
  const opened = dashboard.open(dashboard.snapshot().apps[0] as never);
  const now = Math.floor(Date.now() / 60_000) * 60;
  const path = '/v1/networks/shop/apps/api/metrics';
  max[path] = { resolution: 60, points: [pointAt(now - 60, 120)] };
  opened.load('24h');
  await expect.poll(() => opened.figures('24h', now).requests.slice(-2)).toEqual([120, Number.NaN]);
  max[path] = { resolution: 60, points: [pointAt(now, 180), pointAt(now + 60, 240)] };
  channel.emit('sample', sample(now + 120, 1));
  await expect.poll(() => opened.figures('24h', now + 60).requests.slice(-3)).toEqual([120, 180, 240]);
});

test('one network is one topic, and what HTTP says of others is left out', async () => {
  const { dashboard, socket } = await started({ '/v1/metrics': sample(100, 1) }, 'shop');
  expect(dashboard.snapshot().apps.map(({ app }) => app)).toEqual(['api']);
  expect((await socket.nextJoin('metrics:network:net_1')).topic).toBe('metrics:network:net_1');
  expect((await socket.nextJoin('network:net_1')).params()).toEqual({ after: 0 });
});

test('while the socket is dead Max is asked by HTTP, where that fails too it is offline, and all of it mends itself', async () => {
  const { dashboard, socket, max } = await started({ '/v1/metrics': sample(100, 1) });
  const first = await socket.nextJoin('metrics:user:usr_1');
  first.accept({ sample: null, intervalMs: 1000 });
  first.emit('sample', sample(101, 1));
  await expect.poll(() => dashboard.snapshot().connection.state).toBe('live');
  max['/v1/metrics'] = sample(102, 9);
  socket.setState({ state: 'reconnecting', reason: 'the connection was cut' });
  await expect
    .poll(() => dashboard.snapshot().connection)
    .toMatchObject({ state: 'polling', reason: 'the connection was cut' });
  expect(dashboard.snapshot().at).toBe(sample(102, 9).at);
  max['/v1/metrics'] = down;
  await expect
    .poll(() => dashboard.snapshot().connection)
    .toMatchObject({ state: 'offline', reason: 'cannot reach Max' });
  // What was known last is still shown.
  expect(dashboard.snapshot().apps).toHaveLength(2);
  socket.setState({ state: 'open' });
  first.emit('sample', sample(110, 3));
  await expect.poll(() => dashboard.snapshot().connection).toMatchObject({ state: 'live', reason: null });
});

test('it ends with what no patience mends', async () => {
  const { dashboard, socket } = await started({ '/v1/metrics': sample(100, 1) }, 'shop');
  (await socket.nextJoin('metrics:network:net_1')).refuse('RIG_JOIN_REFUSED');
  await expect(dashboard.ended).rejects.toMatchObject({ code: 'RIG_JOIN_REFUSED' });
});

test('an open app has its instances and the end of its log, and says what it has read', async () => {
  const { dashboard, socket } = await started({ '/v1/metrics': sample(100, 1) });
  const opened = dashboard.open(dashboard.snapshot().apps[0] as never);
  // What is known of it already is there at once.
  expect(opened.figures('5m', dashboard.second).requests.at(-1)).toBe(1);
  const logs = await socket.nextJoin('logs:app:app_api');
  logs.accept({ last: 2, window: 4 });
  const line = (seq: number): LogLine => ({ seq, at: '', instance: 'web.1', stream: 'stdout', text: `line ${seq}` });
  logs.emit('lines', { lines: [line(1), line(2)] });
  await expect.poll(() => opened.lines.map(({ text }) => text)).toEqual(['line 1', 'line 2']);
  expect(logs.sent).toEqual([{ event: 'ack', payload: { seq: 2 } }]);
  expect([logs.params(), logs.params()]).toEqual([{ lines: 500 }, { after: 2 }]);
  const figures = await socket.nextJoin('metrics:app:app_api');
  const instances = [{ name: 'web.1', state: 'healthy', restarts: 0, cpu: 0.1, memoryBytes: 1, sockets: 1 }];
  figures.accept({ sample: { at: '', apps: [{ ...appMetrics('api'), instances }] }, intervalMs: 1000 });
  await expect.poll(() => opened.instances).toEqual(instances);
  opened.close();
  await expect.poll(() => logs.left && figures.left).toBe(true);
});
