import type { MetricsPoint } from '@rig/plugin-api/max';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../runtime/kit.ts';
import { MeasuringMax, readPrometheus } from './metrics-kit.ts';

/** Does what its path says. */
const SERVER = `
const http = require('node:http');
const { spawn } = require('node:child_process');
const kept = [];
let burning;
const server = http.createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://app');
  const end = () => { response.statusCode = Number(searchParams.get('status') ?? 200); response.end('done'); };
  // In a session of its own: only its mark says whose it is.
  if (pathname === '/burn') burning = spawn(process.execPath, ['-e', 'for(;;);'], { detached: true, stdio: 'ignore' });
  if (pathname === '/calm') burning.kill();
  if (pathname === '/spend') require('node:child_process').execFileSync(process.execPath, ['-e', 'while (process.cpuUsage().user < 300_000);']);
  if (pathname === '/allocate') kept.push(Buffer.alloc(200_000_000, 1));
  if (pathname === '/exit') process.exit(3);
  if (pathname === '/sleep') setTimeout(end, 50);
  else end();
});
server.on('upgrade', (request, socket) => {
  socket.end('HTTP/1.1 101 Switching Protocols\\r\\nconnection: Upgrade\\r\\nupgrade: words\\r\\n\\r\\n');
});
server.listen(process.env.PORT, '127.0.0.1');
`;
const APP = { 'package.json': JSON.stringify({ scripts: { start: 'node server.js' } }), 'server.js': SERVER };

const max = new MeasuringMax();
beforeAll(async () => {
  await max.start();
  for (const name of ['web', 'busy', 'flaky']) await max.create(name);
  await max.create('empty');
  await Promise.all(['web', 'busy', 'flaky'].map((name) => max.deploy(name, APP)));
});
afterAll(() => max.remove());

const sum = (points: readonly MetricsPoint[], of: (point: MetricsPoint) => number): number =>
  points.reduce((total, point) => total + of(point), 0);

/** Waits for a sample that fits. */
const sampled = (app: string, fits: (sample: Awaited<ReturnType<typeof max.last>>) => boolean) =>
  until(async () => {
    const last = await max.last(app);
    return fits(last) ? last : undefined;
  });

/** A moment of an app since when nobody has asked it for anything. */
async function quiet(app: string): Promise<string> {
  const { at } = await until(async () => {
    const last = (await max.points(app, 'resolution=1')).at(-1);
    return last?.requests === 0 ? last : undefined;
  });
  return at;
}

describe('usage', () => {
  test('an app that burns a core and holds 200 MB shows both, and the others do not', async () => {
    const before = await sampled('busy', ({ memoryBytes }) => memoryBytes > 0);
    await max.get('busy', '/allocate');
    await max.get('busy', '/burn');
    const after = await sampled('busy', ({ cpu, memoryBytes }) => cpu > 0.15 && memoryBytes > 200e6);
    // How much of a core it gets on a busy machine nobody knows; never more than it burns.
    expect(after.cpu).toBeLessThan(1.5);
    await max.get('busy', '/calm');
    expect(after.memoryBytes - before.memoryBytes).toBeGreaterThan(150e6);
    expect(after).toMatchObject({ state: 'running', release: 1, healthy: 1, wanted: 1, restarts: 0 });
    expect((await max.last('flaky')).memoryBytes).toBeLessThan(150e6);
    expect(await max.last('empty')).toMatchObject({ state: 'empty', release: null, wanted: 0, cpu: 0, memoryBytes: 0 });
  });

  test('what an ended child has used is its app’s', async () => {
    const cpu = async (): Promise<number> => {
      const { text } = await max.ask('GET', '/metrics');
      return readPrometheus(text).values.get('max_app_cpu_seconds_total{app="flaky",network="net"}') ?? 0;
    };
    const before = await cpu();
    await max.get('flaky', '/spend');
    await until(async () => ((await cpu()) - before > 0.25 ? true : undefined));
  });

  test('the port that an app listens on is a socket', async () => {
    expect((await sampled('web', ({ sockets }) => sockets > 0)).sockets).toBeGreaterThan(0);
  });

  test('an instance that crashes is a restart, in the sample and once in the points', async () => {
    const began = new Date().toISOString();
    await max.get('flaky', '/exit');
    const after = await sampled('flaky', ({ restarts, healthy }) => restarts === 1 && healthy === 1);
    expect(after.state).toBe('running');
    expect(sum(await max.points('flaky', `resolution=1&since=${began}`), ({ restarts }) => restarts)).toBe(1);
  });
});

describe('requests', () => {
  const STATUSES = [200, 200, 201, 204, 301, 404, 404, 410, 500, 503];

  test('each is counted once, by its status, in seconds, minutes, and for Prometheus', async () => {
    // No other test asks it for anything.
    const [{ at: began } = { at: '' }] = (await max.points('web', 'resolution=1')).slice(-1);
    const before = readPrometheus((await max.ask('GET', '/metrics')).text).values;
    const asked = Array.from({ length: 8 }, () => STATUSES).flat();
    await Promise.all(asked.map((status) => max.get('web', `/?status=${status}`)));
    expect(await max.get('web', '/', { connection: 'Upgrade', upgrade: 'words' })).toBe(101);
    const wanted = { '1xx': 1, '2xx': 32, '3xx': 8, '4xx': 24, '5xx': 16 };
    const total = (points: MetricsPoint[]) => ({
      '1xx': sum(points, ({ statuses }) => statuses['1xx']),
      '2xx': sum(points, ({ statuses }) => statuses['2xx']),
      '3xx': sum(points, ({ statuses }) => statuses['3xx']),
      '4xx': sum(points, ({ statuses }) => statuses['4xx']),
      '5xx': sum(points, ({ statuses }) => statuses['5xx']),
    });
    for (const resolution of [1, 60]) {
      const points = await until(async () => {
        const found = await max.points('web', `resolution=${resolution}&since=${began}`);
        return sum(found, ({ requests }) => requests) >= 81 ? found : undefined;
      });
      expect(total(points)).toEqual(wanted);
      for (const { requests, latencyMs } of points) expect(latencyMs === null).toBe(requests === 0);
    }
    const { values } = readPrometheus((await max.ask('GET', '/metrics')).text);
    for (const [code, count] of Object.entries(wanted)) {
      const name = `max_app_requests_total{app="web",network="net",code="${code}"}`;
      expect((values.get(name) ?? 0) - (before.get(name) ?? 0), code).toBe(count);
    }
    const { json } = await max.ask('GET', '/v1/networks/net/apps/web/status');
    expect(json.metrics).toMatchObject({
      seconds: expect.any(Number),
      cpu: expect.any(Number),
      sockets: expect.any(Number),
    });
  });

  test('what the router answers itself counts for its app', async () => {
    expect(await max.get('empty', '/')).toBe(503);
    expect(await max.get('nobody', '/')).toBe(404);
    const points = await until(async () => {
      const found = await max.points('empty', 'resolution=1');
      return sum(found, ({ requests }) => requests) > 0 ? found : undefined;
    });
    expect(sum(points, ({ statuses }) => statuses['5xx'])).toBe(1);
  });

  test('a latency is at least what the app took', async () => {
    const began = await quiet('busy');
    await Promise.all(Array.from({ length: 10 }, () => max.get('busy', '/sleep')));
    const points = await until(async () => {
      const found = (await max.points('busy', `resolution=1&since=${began}`)).filter(({ requests }) => requests > 0);
      return sum(found, ({ requests }) => requests) === 10 ? found : undefined;
    });
    for (const { latencyMs } of points) {
      expect(latencyMs!.p50).toBeGreaterThanOrEqual(50);
      expect(latencyMs!.p99).toBeGreaterThanOrEqual(latencyMs!.p95);
      expect(latencyMs!.p95).toBeGreaterThanOrEqual(latencyMs!.p50);
    }
  });
});

describe('over HTTP', () => {
  test('Prometheus reads every line, and finds families of the right types', async () => {
    const { text, headers, status } = await max.ask('GET', '/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const { values, types } = readPrometheus(text);
    expect(types.get('max_app_requests_total')).toBe('counter');
    expect(types.get('max_app_request_duration_seconds')).toBe('histogram');
    expect(types.get('max_app_memory_bytes')).toBe('gauge');
    expect(types.has('max_process_resident_memory_bytes')).toBe(true);
    const of = 'app="web",network="net"';
    const count = values.get(`max_app_request_duration_seconds_count{${of}}`)!;
    expect(values.get(`max_app_request_duration_seconds_bucket{le="+Inf",${of}}`)).toBe(count);
    const counted = ['1xx', '2xx', '3xx', '4xx', '5xx'].map((code) =>
      values.get(`max_app_requests_total{${of},code="${code}"}`),
    );
    expect(counted.reduce((all, one) => all! + one!, 0)).toBe(count);
    expect(values.get(`max_app_instances_healthy{${of}}`)).toBe(1);
    expect(values.has('max_app_release{app="empty",network="net"}')).toBe(false);
  });

  test('the status of a network has the last minute of each app that has a release', async () => {
    const { json } = await max.ask('GET', '/v1/networks/net/status');
    const names = new Map(json.apps.map(({ id, name }: { id: string; name: string }) => [id, name]));
    expect(
      Object.keys(json.metrics)
        .map((id) => names.get(id))
        .sort(),
    ).toEqual(['busy', 'flaky', 'web']);
    for (const recent of Object.values(json.metrics))
      expect(recent).toMatchObject({ seconds: expect.any(Number), requests: expect.any(Number) });
  });

  test('needs a token with the scope read', async () => {
    const made = await max.ask('POST', '/v1/tokens', { json: { name: 'x', scopes: ['deploy'] } });
    for (const path of ['/metrics', '/v1/metrics', '/v1/networks/net/apps/web/metrics']) {
      expect((await max.ask('GET', path, { token: null })).json.code).toBe('RIG_NOT_SIGNED_IN');
      expect((await max.ask('GET', path, { token: made.json.token })).json.code).toBe('RIG_FORBIDDEN');
    }
  });

  test('refuses a query that cannot be, and names the parameter', async () => {
    const refused = async (query: string) => (await max.ask('GET', `/v1/networks/net/apps/web/metrics?${query}`)).json;
    for (const [query, name] of [
      ['resolution=2', 'resolution'],
      ['resolution=', 'resolution'],
      ['since=yesterday', 'since'],
      ['until=-1', 'until'],
      ['since=1m&until=2m', 'since'],
    ] as const)
      expect(await refused(query)).toMatchObject({ code: 'RIG_BAD_REQUEST', detail: expect.stringContaining(name) });
    expect((await max.ask('GET', '/v1/networks/net/apps/none/metrics')).json.code).toBe('RIG_APP_NOT_FOUND');
  });
});

test('minutes outlive a Max that is killed, and an app that runs on is not counted anew', async () => {
  await until(async () => ((await max.points('busy', '')).length >= 3 && max.keepsMinutes ? true : undefined));
  await max.get('busy', '/burn');
  const before = await max.points('busy', '');
  await max.end('SIGKILL');
  await max.start();
  const after = await until(async () => {
    const found = await max.points('busy', '');
    return found.length > before.length ? found : undefined;
  });
  expect(after.slice(0, before.length)).toEqual(before);
  const first = await sampled('busy', ({ cpu }) => cpu > 0.1);
  expect(first.cpu).toBeLessThan(3);
  expect(after.every(({ cpu }) => cpu < 3)).toBe(true);
  await max.get('busy', '/calm');
});

test('an answer has every app that was made before it was asked for, by its name of then, and none that was deleted', async () => {
  const names = async (): Promise<string[]> => {
    const { json } = await max.ask('GET', '/v1/metrics');
    return json.apps.map(({ app }: { app: string }) => app).filter((app: string) => app.startsWith('news'));
  };
  await names();
  await max.create('news-one');
  expect(await names()).toEqual(['news-one']);
  await max.ask('PATCH', '/v1/networks/net/apps/news-one', { json: { name: 'news-two' } });
  expect(await names()).toEqual(['news-two']);
  await max.ask('DELETE', '/v1/networks/net/apps/news-two');
  expect(await names()).toEqual([]);
});

test('an app that is deleted takes its points along', async () => {
  await max.create('brief');
  await max.get('brief', '/');
  const requests = async (): Promise<number> => sum(await max.points('brief', ''), (point) => point.requests);
  await until(async () => ((await requests()) > 0 ? true : undefined));
  await max.ask('DELETE', '/v1/networks/net/apps/brief');
  expect((await max.ask('GET', '/v1/networks/net/apps/brief/metrics')).json.code).toBe('RIG_APP_NOT_FOUND');
  await max.create('brief');
  expect(await requests()).toBe(0);
});
