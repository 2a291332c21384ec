import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Deployment } from '@rig/plugin-api/max';
import { afterEach, expect, test } from 'vitest';
import { identityOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { nodeApp, openRuntime, type RuntimeKit, until } from './kit.ts';

let kit: RuntimeKit;
afterEach(async () => kit?.remove());

const summary = () => kit.runtime.summary(kit.app());
const gone = (): Promise<true> =>
  until(async () => ((await kit.runtime.status(kit.app())).instances.length === 0 ? true : undefined));
const started = (): Promise<Deployment> => kit.settled(kit.app(), kit.runtime.startApp(kit.app()).deployment!.id);
const types = (): string[] => kit.events.recent(50, { appId: kit.app().id }).map(({ type }) => type);
const stopped = async (): Promise<void> => {
  expect(kit.runtime.stopApp(kit.app())).toEqual({ already: false });
  await gone();
};

test('a stop lets requests under way end, refuses new ones by a code of its own, and a start serves the same release', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const tree = nodeApp('one');
  tree['server.js'] = `
    require('node:http').createServer((req, res) => {
      res.write('begun');
      process.once('SIGUSR2', () => res.end(' and ended'));
    }).listen(process.env.PORT);`;
  await kit.deploy(app, tree);
  const { pid } = (await kit.runtime.status(app)).instances[0]!;
  const req = request({
    host: '127.0.0.1',
    port: kit.port,
    agent: false,
    headers: { host: 'web.net.localhost' },
  }).end();
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  answer.setEncoding('utf8');
  expect(await once(answer, 'data')).toEqual(['begun']);

  expect(kit.runtime.stopApp(app)).toEqual({ already: false });
  expect(summary()).toEqual({ state: 'stopped', release: 1 });
  const refused = await kit.get(app, '/', { accept: 'application/json' });
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '30' } });
  expect(JSON.parse(refused.text)).toMatchObject({
    code: 'RIG_APP_STOPPED',
    fix: expect.stringContaining('rig start app web.net'),
  });
  expect((await kit.runtime.status(app)).instances).toMatchObject([{ pid, state: 'stopping' }]);
  process.kill(pid!, 'SIGUSR2');
  expect(await once(answer, 'data')).toEqual([' and ended']);
  await gone();
  expect(identityOf(pid!)).toBeUndefined();
  expect(kit.runtime.stopApp(app)).toEqual({ already: true });

  expect(await started()).toMatchObject({ kind: 'start', state: 'healthy', release: 1, stopped: false });
  expect(summary()).toEqual({ state: 'running', release: 1 });
  expect(kit.runtime.startApp(app)).toEqual({ already: true, deployment: null });
  expect(types().filter((type) => type.startsWith('app.'))).toEqual(['app.started', 'app.stopped']);
});

test('a stop outlives Max, and nothing starts the app but a person', async () => {
  kit = await openRuntime();
  await kit.deploy(kit.app(), nodeApp('one'));
  await stopped();
  await kit.close();
  kit = await openRuntime({ dir: kit.dir });
  expect(summary()).toEqual({ state: 'stopped', release: 1 });
  expect((await kit.runtime.status(kit.app())).instances).toEqual([]);
  expect((await kit.get(kit.app(), '/')).text).toContain('RIG_APP_STOPPED');
  await started();
  expect((await kit.get(kit.app(), '/')).text).toBe('one');
});

test('a restart, a rollback and a deploy start a stopped app, a scale and a change of its vars do not', async () => {
  kit = await openRuntime();
  const app = kit.app();
  await kit.deploy(app, nodeApp('one'));
  await stopped();
  const config = kit.runtime.changeConfig(app, { kind: 'var', set: new Map([['A', '1']]), names: [], stage: false });
  expect(await kit.settled(app, config.deployment!.id)).toMatchObject({ state: 'healthy', release: 2, stopped: true });
  expect(await kit.settled(app, kit.runtime.scale(app, { web: 2 }).id)).toMatchObject({
    state: 'healthy',
    release: 2,
    stopped: true,
  });
  expect(summary()).toEqual({ state: 'stopped', release: 2 });
  expect(await kit.runtime.status(app)).toMatchObject({ instances: [], formation: { web: 2 } });

  await started();
  expect(JSON.parse((await kit.get(app, '/env')).text)).toMatchObject({ A: '1', MAX_RELEASE: 'v2' });
  expect((await kit.runtime.status(app)).instances.map(({ name }) => name)).toEqual(['web.1', 'web.2']);
  for (const start of [() => kit.runtime.restart(app), () => kit.runtime.rollback(app, 1)]) {
    await stopped();
    expect(await kit.settled(app, start().id)).toMatchObject({ state: 'healthy', stopped: false });
    expect(summary().state).toBe('running');
  }
  await stopped();
  expect(await kit.deploy(app, nodeApp('two'))).toMatchObject({ state: 'healthy', release: 5, stopped: false });
  expect((await kit.get(app, '/')).text).toBe('two');
});

test('what does not get healthy, or is cancelled, leaves the app stopped', async () => {
  kit = await openRuntime();
  const app = kit.app();
  await kit.deploy(app, nodeApp('one'));
  await stopped();
  kit.set(app, { healthcheck: '/exit' });
  expect(await started()).toMatchObject({
    state: 'failed',
    release: 1,
    stopped: true,
    failure: { code: 'RIG_INSTANCE_CRASHED' },
  });
  expect(await kit.deploy(app, nodeApp('two'))).toMatchObject({ state: 'failed', release: 2, stopped: true });
  kit.set(app, { healthcheck: null });
  const { id } = kit.runtime.startApp(app).deployment!;
  expect(() => kit.runtime.stopApp(app)).toThrow(expect.objectContaining({ code: 'RIG_DEPLOY_IN_PROGRESS' }));
  expect(() => kit.runtime.startApp(app)).toThrow(expect.objectContaining({ code: 'RIG_DEPLOY_IN_PROGRESS' }));
  await kit.runtime.cancelDeployment(app, id);
  await gone();
  expect(summary()).toEqual({ state: 'stopped', release: 1 });
  expect(types()).not.toContain('app.started');
});

test('a start amid which Max is stopped says how to start the app again, and leaves it stopped', async () => {
  kit = await openRuntime();
  const tree = nodeApp('one');
  tree['server.js'] = `if (!process.env.NEVER) { ${tree['server.js']} } else setInterval(() => {}, 1000);`;
  await kit.deploy(kit.app(), tree);
  await stopped();
  kit.runtime.changeConfig(kit.app(), { kind: 'var', set: new Map([['NEVER', '1']]), names: [], stage: false });
  await until(() => (summary().release === 2 ? true : undefined));
  const { id } = kit.runtime.startApp(kit.app()).deployment!;
  await kit.settled(kit.app(), id, 'releasing');
  await kit.close();
  kit = await openRuntime({ dir: kit.dir });
  expect(kit.runtime.deployment(kit.app(), id)?.failure).toMatchObject({
    code: 'RIG_DEPLOY_INTERRUPTED',
    reason: 'Max was stopped',
    fix: 'start it again: rig start app web.net',
  });
  expect(summary().state).toBe('stopped');
});

test('an app without a release is neither stopped nor started', async () => {
  kit = await openRuntime();
  const { runtime } = kit;
  const app = kit.app();
  for (const change of [() => runtime.stopApp(app), () => runtime.startApp(app), () => runtime.restart(app)])
    expect(change).toThrow(expect.objectContaining({ code: 'RIG_NOTHING_RELEASED', status: 409 }));
});
