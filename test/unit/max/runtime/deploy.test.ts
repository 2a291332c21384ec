import { afterEach, expect, test } from 'vitest';
import { identityOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { nodeApp, openRuntime, type RuntimeKit, until } from './kit.ts';

let kit: RuntimeKit;
afterEach(async () => kit?.remove());

test('a Node app is built, started, health-gated and served', async () => {
  kit = await openRuntime();
  const app = kit.app();
  expect(kit.runtime.summary(app)).toEqual({ state: 'empty', release: null });
  const deployment = await kit.deploy(app, nodeApp('one'));
  expect(deployment).toMatchObject({
    state: 'healthy',
    release: 1,
    failure: null,
    url: `http://web.net.localhost:${kit.port}`,
  });
  expect((await kit.get(app, '/')).text).toBe('one');
  expect(kit.runtime.summary(app)).toEqual({ state: 'running', release: 1 });
  const { instances } = await kit.runtime.status(app);
  expect(instances).toMatchObject([{ name: 'web.1', state: 'healthy', release: 1, restarts: 0 }]);
  const { lines } = await kit.runtime
    .buildLogs(app, deployment.buildId!, { lines: 100, after: undefined })
    .then((page) => page!);
  expect(lines.map((line) => line.text)).toContain('builder node: package.json: its "start" script is: node server.js');
});

test('a folder with an index.html is served by the file server', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const deployment = await kit.deploy(app, { 'index.html': '<h1>hi</h1>', 'a/b.css': 'x{}' });
  expect(deployment.failure).toBeNull();
  expect(await kit.get(app, '/')).toMatchObject({ status: 200, text: '<h1>hi</h1>' });
  expect((await kit.get(app, '/a/b.css')).headers['content-type']).toBe('text/css; charset=utf-8');
  expect((await kit.runtime.details(app)).processes).toEqual({ web: 'static files' });
});

test('a second release takes over, the first one ends, and its output stays in the log', async () => {
  kit = await openRuntime();
  const app = kit.app();
  await kit.deploy(app, nodeApp('one'));
  const before = (await kit.get(app, '/')).headers['x-pid'];
  const second = await kit.deploy(app, nodeApp('two'));
  expect(second).toMatchObject({ state: 'healthy', release: 2 });
  expect((await kit.get(app, '/')).text).toBe('two');
  await until(() => (identityOf(Number(before)) === undefined ? true : undefined));
  const { lines } = await kit.runtime.appLogs(app, { lines: 100, after: undefined });
  expect(lines.map((line) => line.text)).toEqual(
    expect.arrayContaining(['starting one', 'listening two', 'v2 serves now']),
  );
  expect(lines.map((line) => line.seq)).toEqual(lines.map((_, index) => index + 1));
});
