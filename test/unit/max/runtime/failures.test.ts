import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { identityOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { nodeApp, openRuntime, type RuntimeKit, until } from './kit.ts';

let kit: RuntimeKit;
afterEach(async () => kit?.remove());

const start = (command: string): string => JSON.stringify({ scripts: { start: command } });

test('a folder that nothing can build fails, naming what was looked for', async () => {
  kit = await openRuntime();
  const deployment = await kit.deploy(kit.app(), { 'readme.txt': 'x' });
  expect(deployment).toMatchObject({ state: 'failed', release: null, failure: { code: 'RIG_NO_BUILDER' } });
  expect(deployment.failure?.reason).toMatch(/Procfile.*package\.json.*index\.html/);
});

test('a build step that fails ends the deployment with its last lines, and its folder is removed', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const deployment = await kit.deploy(app, {
    'package.json': JSON.stringify({ scripts: { build: 'node build.js', start: 'node server.js' } }),
    'build.js': "console.log('compiling'); console.error('no such module: left-pad'); process.exit(4)",
  });
  expect(deployment).toMatchObject({
    state: 'failed',
    failure: { code: 'RIG_BUILD_FAILED', reason: '"npm run build" ended with exit code 4' },
  });
  expect(deployment.failure?.lines).toEqual(expect.arrayContaining(['compiling', 'no such module: left-pad']));
  expect(kit.runtime.build(app, deployment.buildId!)).toMatchObject({ state: 'failed', builder: 'node: package.json' });
  expect(existsSync(join(kit.dir, 'builds', deployment.buildId!))).toBe(false);
  expect(await kit.get(app, '/')).toMatchObject({ status: 503 });
});

test('an app that listens on another port fails with the port that it opened, and the old release serves on', async () => {
  kit = await openRuntime({ tuning: { healthLimitMs: 1_500 } });
  const app = kit.app();
  await kit.deploy(app, nodeApp('one'));
  const wrong = await kit.deploy(app, {
    'package.json': start('node server.js'),
    'server.js':
      "require('node:http').createServer().listen(0, '127.0.0.1', function () { console.log('port', this.address().port) })",
  });
  expect(wrong).toMatchObject({
    state: 'failed',
    release: 2,
    failure: { code: 'RIG_NOT_HEALTHY', cause: 'RIG_PORT_NOT_OPENED' },
  });
  const port = Number(/port (\d+)/.exec(wrong.failure!.lines.join('\n'))?.[1]);
  expect(wrong.failure!.openPorts).toEqual([port]);
  expect(wrong.failure!.reason).toContain(`listens on port ${port}, and not on port`);
  expect((await kit.get(app, '/')).text).toBe('one');
  expect(kit.runtime.summary(app)).toEqual({ state: 'running', release: 1 });
  expect((await kit.runtime.status(app)).instances).toHaveLength(1);
});

test('an app that opens no port is told so', async () => {
  kit = await openRuntime({ tuning: { healthLimitMs: 500 } });
  const deployment = await kit.deploy(kit.app(), {
    'package.json': start('node server.js'),
    'server.js': 'setInterval(() => {}, 1000)',
  });
  expect(deployment.failure).toMatchObject({ code: 'RIG_NOT_HEALTHY', cause: 'RIG_BOOT_TIMEOUT', openPorts: [] });
  expect(deployment.failure?.reason).toContain('opened no port');
  expect(kit.events.recent(1)).toMatchObject([{ type: 'deployment.updated', code: 'RIG_NOT_HEALTHY' }]);
});

test('a healthcheck path that answers 500 keeps a release from serving', async () => {
  kit = await openRuntime({ tuning: { healthLimitMs: 1_000 } });
  const app = kit.app();
  kit.set(app, { healthcheck: '/ready' });
  const deployment = await kit.deploy(app, {
    'package.json': start('node server.js'),
    'server.js':
      "require('node:http').createServer((q, s) => { s.statusCode = 500; s.end() }).listen(process.env.PORT)",
  });
  expect(deployment.failure).toMatchObject({ code: 'RIG_NOT_HEALTHY', cause: 'RIG_HEALTHCHECK_FAILED' });
  expect(deployment.failure?.reason).toContain('GET /ready answered 500');
});

test('an app that ends at its start fails at once with its exit and its last words', async () => {
  kit = await openRuntime();
  const deployment = await kit.deploy(kit.app(), {
    'package.json': start('node server.js'),
    'server.js': "process.stderr.write('cannot find the database'); process.exitCode = 7",
  });
  expect(deployment.failure).toMatchObject({ code: 'RIG_INSTANCE_CRASHED', lines: ['cannot find the database'] });
  expect(deployment.failure?.reason).toBe('web.1 ended (exit 7) before it answered');
});

test('a crashed instance is started again, and its followers are told', async () => {
  kit = await openRuntime();
  const app = kit.app();
  await kit.deploy(app, nodeApp('one'));
  const before = (await kit.get(app, '/')).headers['x-pid'];
  await kit.get(app, '/exit').catch(() => {});
  const after = await until(async () => {
    const { instances } = await kit.runtime.status(app);
    return instances[0]?.state === 'healthy' && instances[0].restarts === 1 ? instances[0] : undefined;
  });
  expect(after).toMatchObject({ lastExit: 'exit 3' });
  expect((await kit.get(app, '/')).headers['x-pid']).not.toBe(before);
  const crash = kit.events.recent(10).find((event) => event.type === 'instance.crashed');
  expect(crash?.text).toBe('web.1 of v1 ended (exit 3); it starts again in 0.05 s (RIG_INSTANCE_CRASHED)');
  const back = kit.events.recent(10).find((event) => event.type === 'instance.recovered');
  expect(back).toMatchObject({ text: 'web.1 of v1 is healthy again', seq: (crash?.seq ?? 0) + 1 });
});

test('while an app crashes again and again the pauses grow and requests get 503', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const tree = nodeApp('one', "if (require('node:fs').existsSync(process.env.HOME + '/broken')) process.exit(9);");
  tree['server.js'] = tree['server.js']!.replace(
    "if (req.url === '/exit')",
    "if (req.url === '/exit') require('node:fs').writeFileSync(process.env.HOME + '/broken', '');\n if (req.url === '/exit')",
  );
  await kit.deploy(app, tree);
  await kit.get(app, '/exit').catch(() => {});
  const pauses = await until(() => {
    const crashes = kit.events.recent(10).filter((event) => event.type === 'instance.crashed');
    return crashes.length < 4
      ? undefined
      : crashes.reverse().map((event) => /starts again in (.*) s \(RIG_INSTANCE_CRASHED\)$/.exec(event.text)?.[1]);
  });
  expect(pauses.slice(0, 4)).toEqual(['0.05', '0.1', '0.2', '0.4']);
  expect(kit.runtime.summary(app).state).toBe('crashed');
  const answer = await kit.get(app, '/', { accept: 'application/json' });
  expect(answer).toMatchObject({
    status: 503,
    headers: { 'retry-after': '2', 'content-type': 'application/problem+json' },
  });
  expect(JSON.parse(answer.text)).toMatchObject({ code: 'RIG_APP_UNAVAILABLE' });
});

test('one deployment at a time; a cancel ends a build with all that it started', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const marker = join(kit.dir, 'pid');
  const upload = await kit.upload(app, {
    'package.json': JSON.stringify({ scripts: { build: 'node build.js', start: 'node server.js' } }),
    'build.js': `require('node:fs').writeFileSync(${JSON.stringify(marker)}, String(process.pid)); setInterval(() => {}, 1000)`,
  });
  const first = kit.runtime.createDeployment(app, upload);
  await until(() => (existsSync(marker) ? true : undefined));
  expect(() => kit.runtime.createDeployment(app, upload)).toThrow(
    expect.objectContaining({ code: 'RIG_DEPLOY_IN_PROGRESS', status: 409 }),
  );
  const pid = readFileSync(marker, 'utf8');
  expect(await kit.runtime.cancelDeployment(app, first.id)).toMatchObject({ state: 'cancelled', failure: null });
  expect(identityOf(Number(pid))).toBeUndefined();
  expect((await kit.deploy(app, nodeApp('after'))).state).toBe('healthy');
  expect(await kit.runtime.cancelDeployment(app, first.id)).toMatchObject({ state: 'cancelled' });
});

test('a build that takes too long is ended', async () => {
  kit = await openRuntime({ tuning: { buildLimitMs: 700 } });
  const deployment = await kit.deploy(kit.app(), {
    'package.json': JSON.stringify({ scripts: { build: 'sleep 60', start: 'node server.js' } }),
  });
  expect(deployment.failure).toMatchObject({ code: 'RIG_BUILD_FAILED' });
  expect(deployment.failure?.reason).toContain('took longer');
});

test('a path that is too long for where Max keeps its state is named', async () => {
  kit = await openRuntime();
  const path = `${Array.from({ length: 20 }, () => 'd'.repeat(200)).join('/')}/${'f'.repeat(70)}`;
  const { failure } = await kit.deploy(kit.app(), { ...nodeApp('one'), [path]: 'x' });
  expect(failure).toMatchObject({ code: 'RIG_BUILD_FAILED', fix: expect.stringContaining('shorten that path') });
  expect(failure?.reason).toContain('dddd');
});

test('file names of any characters reach the app as they are', async () => {
  kit = await openRuntime();
  const names = ['with\nnewline', 'ünïcödé-日本語-🎉', ' spaces ', '-rf', 'quote\'"$(x)`'];
  const files = Object.fromEntries(names.map((name) => [`names/${name}`, name]));
  const list = "const names = require('node:fs').readdirSync('names');";
  const app = kit.app();
  const { state } = await kit.deploy(app, {
    ...nodeApp('one', `${list} process.title = 'x'; console.log(JSON.stringify(names));`),
    ...files,
  });
  expect(state).toBe('healthy');
  const { lines } = await kit.runtime.appLogs(app, { lines: 100, after: 0 });
  const said = lines.find(({ text }) => text.startsWith('['));
  expect((JSON.parse(said?.text ?? '[]') as string[]).sort()).toEqual([...names].sort());
});

test('an app that is removed leaves nothing behind', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const deployment = await kit.deploy(app, nodeApp('one'));
  const pid = (await kit.get(app, '/')).headers['x-pid'];
  await kit.runtime.removeApp(app);
  kit.apps.remove(app.id);
  expect(identityOf(Number(pid))).toBeUndefined();
  for (const path of [
    `builds/${deployment.buildId}`,
    `apps/${app.id}`,
    `logs/apps/${app.id}`,
    `logs/builds/${deployment.buildId}`,
  ]) {
    expect(existsSync(join(kit.dir, path)), path).toBe(false);
  }
  expect((await kit.get(app, '/')).status).toBe(404);
});

test("nothing of Max's environment reaches an app", async () => {
  process.env.MAX_TEST_SECRET = 'do-not-leak';
  kit = await openRuntime();
  const app = kit.app();
  await kit.deploy(app, nodeApp('one'));
  const env = JSON.parse((await kit.get(app, '/env')).text) as Record<string, string>;
  delete process.env.MAX_TEST_SECRET;
  expect(JSON.stringify(env)).not.toContain('do-not-leak');
  expect(env).toMatchObject({
    MAX_APP: 'web',
    MAX_NETWORK: 'net',
    MAX_RELEASE: 'v1',
    MAX_INSTANCE: 'web.1',
    NODE_ENV: 'production',
  });
  expect(Object.keys(env).filter((name) => /vitest|npm_|RIG/i.test(name))).toEqual([]);
});
