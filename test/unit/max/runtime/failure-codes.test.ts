import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '@rig/plugin-api/max';
import { afterEach, expect, test } from 'vitest';
import type { AppRecord } from '../../../../plugins/max/src/store/apps.ts';
import { openRuntime, type RuntimeKit, type Tree, until } from './kit.ts';

let kit: RuntimeKit;
afterEach(async () => kit?.remove());

/** The one instance of an app, as soon as it is in a state. */
const inState = (app: AppRecord, state: Instance['state']): Promise<Instance> =>
  until(async () => (await kit.runtime.status(app)).instances.find((one) => one.state === state));
const eventTexts = (type: string): string[] =>
  kit.events
    .recent(20)
    .filter((event) => event.type === type)
    .map(({ text }) => text);
const logLines = async (app: AppRecord, instance: string): Promise<string[]> =>
  (await kit.runtime.appLogs(app, { lines: 100, after: 0 })).lines
    .filter((line) => line.instance === instance)
    .map(({ text }) => text);

/** An app that does something when it is asked for a path. */
const does = (path: string, code: string, start = 'node server.js'): Tree => ({
  'package.json': JSON.stringify({ scripts: { start } }),
  'server.js': `
    let status = 200;
    const server = require('node:http').createServer((req, res) => {
      if (req.url === '${path}') { ${code} }
      else { res.statusCode = status; res.end(); }
    });
    server.listen(process.env.PORT, '127.0.0.1');`,
});

test.each([
  ['with an error', 'process.exit(3)', 'RIG_INSTANCE_CRASHED', 'exit 3'],
  ['by a signal', "process.kill(process.pid, 'SIGKILL')", 'RIG_INSTANCE_CRASHED', 'SIGKILL'],
  ['without an error', 'process.exit(0)', 'RIG_INSTANCE_ENDED', 'exit 0'],
  [
    'as its heap is full',
    'const all = []; for (;;) all.push(new Array(1000).fill({}))',
    'RIG_OUT_OF_MEMORY',
    'SIGABRT, out of memory',
  ],
])('an instance that ends %s says so by a code, and when it starts again', async (_, code, failure, how) => {
  kit = await openRuntime({ tuning: { backoffMs: 2_000 } });
  const app = kit.app();
  await kit.deploy(app, does('/end', code, 'node --max-old-space-size=20 server.js'));
  expect((await inState(app, 'healthy')).failure).toBeNull();
  await kit.get(app, '/end').catch(() => {});
  const ended = await until(async () => {
    const [instance] = (await kit.runtime.status(app)).instances;
    return instance?.failure?.retryAt == null ? undefined : instance;
  });
  expect(ended).toMatchObject({
    state: 'backing-off',
    lastExit: how,
    failure: { code: failure, reason: `ended (${how})` },
  });
  const { since, retryAt } = ended.failure!;
  expect(Date.parse(retryAt!) - Date.parse(since)).toBeGreaterThanOrEqual(2_000);
  const text = `web.1 of v1 ended (${how}); it starts again in 2 s (${failure})`;
  expect(eventTexts('instance.crashed')).toEqual([text]);
  expect(kit.events.recent(50).find(({ type }) => type === 'instance.crashed')?.code).toBe(failure);
  expect(await logLines(app, 'max')).toContain(`error: ${text}`);
  // It is well again, and how it ended stays to be seen.
  expect(await inState(app, 'healthy')).toMatchObject({ failure: null, lastExit: how, restarts: 1 });
});

test('an instance that has no memory left at its start fails its release with that cause', async () => {
  kit = await openRuntime();
  const { failure } = await kit.deploy(kit.app(), {
    'package.json': JSON.stringify({ scripts: { start: 'node --max-old-space-size=20 server.js' } }),
    'server.js': 'const all = []; for (;;) all.push(new Array(1000).fill({}))',
  });
  expect(failure).toMatchObject({ code: 'RIG_INSTANCE_CRASHED', cause: 'RIG_OUT_OF_MEMORY' });
  expect(failure?.reason).toBe('web.1 ended (SIGABRT, out of memory) before it answered');
  expect(failure?.fix).toContain('memory');
});

test.each([
  [
    'does not answer its healthcheck',
    'status = 500; res.end()',
    'RIG_HEALTHCHECK_FAILED',
    'is not healthy: GET /ready answered 500',
  ],
  ['listens no more', 'server.close(); res.end()', 'RIG_PORT_NOT_OPENED', 'takes no connections on port PORT'],
])('a serving instance that %s is told of by a code', async (_, code, failure, reason) => {
  kit = await openRuntime({ tuning: { checkMs: 50 } });
  const app = kit.app();
  if (failure === 'RIG_HEALTHCHECK_FAILED') kit.set(app, { healthcheck: '/ready' });
  await kit.deploy(app, does('/break', code));
  const { port } = await inState(app, 'healthy');
  await kit.get(app, '/break', { connection: 'close' });
  const unhealthy = await inState(app, 'unhealthy');
  const wanted = reason.replace('PORT', String(port));
  expect(unhealthy.failure).toMatchObject({ code: failure, reason: wanted, retryAt: null });
  expect(eventTexts('instance.unhealthy')).toEqual([`web.1 of v1 ${wanted} (${failure})`]);
  expect(kit.events.recent(50).find(({ type }) => type === 'instance.unhealthy')?.code).toBe(failure);
  // What the router answers in its place is a line of the app's log.
  expect((await kit.get(app, '/x?token=sentinel')).status).toBe(503);
  expect(await logLines(app, 'router')).toEqual([
    expect.stringMatching(
      /^level=error code=RIG_APP_UNAVAILABLE status=503 method=GET path=\/x duration=\d+ms request=req_\w+ why="no instance answers at the moment"$/,
    ),
  ]);
});

test('an instance that is healthy again is told of, too', async () => {
  kit = await openRuntime({ tuning: { checkMs: 50 } });
  const app = kit.app();
  kit.set(app, { healthcheck: '/ready' });
  await kit.deploy(app, does('/break', 'status = 500; setTimeout(() => { status = 200 }, 1000); res.end()'));
  await kit.get(app, '/break');
  await inState(app, 'unhealthy');
  expect((await inState(app, 'healthy')).failure).toBeNull();
  expect(eventTexts('instance.recovered')).toEqual(['web.1 of v1 is healthy again']);
});

/** A control group of little memory; `undefined` where this user may not make one. */
function littleMemory(): { group: string; remove: () => void } | undefined {
  for (const [mount, file] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    const group = join(mount, `max-test-${process.pid}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(group, file), String(120 << 20));
      return { group, remove: () => rmdirSync(group) };
    } catch {
      rmdirSync(group);
    }
  }
  return undefined;
}
const little = littleMemory();
little?.remove();

test.skipIf(little === undefined)(
  'an instance that the kernel ends for want of memory is told from one that somebody kills',
  async () => {
    const { group, remove } = littleMemory()!;
    kit = await openRuntime({ tuning: { backoffMs: 30_000 } });
    const app = kit.app();
    // Filled at once, page by page, in an instance that has been there for long enough to be looked at.
    const fill = 'const all = []; for (;;) all.push(Buffer.alloc(4 << 20, 1));';
    await kit.deploy(app, does('/fill', fill, `echo $$ > ${group}/cgroup.procs; exec node server.js`));
    const { startedAt } = await inState(app, 'healthy');
    await until(() => (Date.now() - Date.parse(startedAt!) > 1_500 ? true : undefined));
    await kit.get(app, '/fill').catch(() => {});
    expect(await until(async () => (await kit.runtime.status(app)).instances[0]?.failure ?? undefined)).toMatchObject({
      code: 'RIG_OUT_OF_MEMORY',
      reason: 'ended (SIGKILL, out of memory)',
    });
    await kit.runtime.stopApps();
    remove();
  },
);
