import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ContentStore } from '../../../../plugins/max/src/content/content-store.ts';
import { LocalRuntime } from '../../../../plugins/max/src/deployments/local-runtime.ts';
import { identityOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { EventLog } from '../../../../plugins/max/src/events.ts';
import { RequestMeters } from '../../../../plugins/max/src/metrics/request-meters.ts';
import { AppConfig } from '../../../../plugins/max/src/store/app-config.ts';
import { Apps } from '../../../../plugins/max/src/store/apps.ts';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { Seal } from '../../../../plugins/max/src/store/seal.ts';
import { statePaths } from '../../../../plugins/max/src/store/state-paths.ts';
import { Uploads } from '../../../../plugins/max/src/store/uploads.ts';
import { nodeApp, openRuntime, type RuntimeKit, until } from './kit.ts';

let kit: RuntimeKit;
afterEach(async () => kit?.remove());

const running = (): Promise<true> =>
  until(() => (kit.runtime.summary(kit.app()).state === 'running' ? true : undefined));

test('an app runs on when Max ends well, and is adopted by the next', async () => {
  kit = await openRuntime();
  await kit.deploy(kit.app(), nodeApp('one'));
  const pid = (await kit.get(kit.app(), '/')).headers['x-pid'];
  await kit.close();
  expect(identityOf(Number(pid))).toBeDefined();
  kit = await openRuntime({ dir: kit.dir });
  await running();
  expect((await kit.get(kit.app(), '/')).headers['x-pid']).toBe(pid);
});

test('all apps are ended, those of an earlier Max too without a start, and a later start brings them back', async () => {
  kit = await openRuntime();
  await kit.deploy(kit.app(), nodeApp('one'));
  const pid = Number((await kit.get(kit.app(), '/')).headers['x-pid']);
  await kit.close();
  const paths = statePaths(kit.dir);
  const database = openDatabase(paths.database);
  const cold = new LocalRuntime({
    paths,
    database,
    apps: new Apps(database),
    config: new AppConfig(database, Seal.open(paths.key)),
    uploads: new Uploads(database),
    content: new ContentStore(paths.content),
    events: new EventLog(database),
    requests: new RequestMeters(),
    log: () => {},
    port: () => 0,
  });
  expect(await cold.stopApps()).toBe(1);
  await cold.stop();
  database.close();
  expect(identityOf(pid)).toBeUndefined();
  kit = await openRuntime({ dir: kit.dir });
  await running();
  expect((await kit.get(kit.app(), '/')).text).toBe('one');
  expect(await kit.runtime.stopApps()).toBe(1);
  expect(kit.runtime.summary(kit.app()).state).toBe('stopped');
});

test('a deployment that was only queued when Max ended is begun by the next', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const upload = await kit.upload(app, nodeApp('one'));
  kit.database.run(
    "INSERT INTO deployments (id, app_id, state, seq, upload_id, created_at, updated_at) VALUES ('dep_q', ?, 'queued', 1, ?, '', '')",
    [app.id, upload.id],
  );
  await kit.close();
  kit = await openRuntime({ dir: kit.dir });
  expect((await kit.settled(kit.app(), 'dep_q')).state).toBe('healthy');
});

test('a Max that stops amid a build ends it and says why', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const upload = await kit.upload(app, {
    'package.json': JSON.stringify({ scripts: { build: 'sleep 60', start: 'node server.js' } }),
  });
  const { id } = kit.runtime.createDeployment(app, upload);
  await kit.settled(app, id, 'building');
  await kit.close();
  kit = await openRuntime({ dir: kit.dir });
  expect(kit.runtime.deployment(kit.app(), id)).toMatchObject({
    state: 'failed',
    failure: { code: 'RIG_DEPLOY_INTERRUPTED', reason: 'Max was stopped' },
  });
});

test('a deployment that is rolled back with its request never begins', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const upload = await kit.upload(app, nodeApp('one'));
  expect(() =>
    kit.database.transaction(() => {
      kit.runtime.createDeployment(app, upload);
      throw new Error('the request failed');
    }),
  ).toThrow('the request failed');
  expect(kit.runtime.listDeployments(app, { limit: 10, cursor: undefined }).items).toEqual([]);
  expect((await kit.deploy(app, nodeApp('two'))).state).toBe('healthy');
});

test('content that is damaged on disk fails the deployment and nothing else', async () => {
  kit = await openRuntime();
  const app = kit.app();
  await kit.deploy(app, nodeApp('one'));
  const upload = await kit.upload(app, { 'index.html': 'precious' });
  const [entry] = upload.entries;
  const { digest } = entry?.type === 'file' ? entry.chunks[0]! : { digest: '' };
  writeFileSync(join(kit.dir, 'content', digest.slice(0, 2), digest), 'PRECIOUS');
  const failed = await kit.settled(app, kit.runtime.createDeployment(app, upload).id);
  expect(failed).toMatchObject({ state: 'failed', failure: { code: 'RIG_INTERNAL' } });
  expect(failed.failure?.reason).toContain('damaged');
  expect((await kit.get(app, '/')).text).toBe('one');
});

test('an instance whose healthcheck fails gets no requests until it is well again', async () => {
  kit = await openRuntime({ tuning: { checkMs: 20 } });
  const app = kit.app();
  kit.set(app, { healthcheck: '/health' });
  const tree = nodeApp('one');
  tree['server.js'] = `
    let ill = false;
    process.on('SIGUSR2', () => { ill = !ill; });
    require('node:http').createServer((req, res) => {
      res.statusCode = req.url === '/health' && ill ? 500 : 200;
      res.end('one');
    }).listen(process.env.PORT);`;
  await kit.deploy(app, tree);
  const instance = async () => (await kit.runtime.status(app)).instances[0]!;
  const { pid } = await instance();
  process.kill(pid!, 'SIGUSR2');
  await until(async () => ((await instance()).state === 'unhealthy' ? true : undefined));
  expect((await kit.get(app, '/')).status).toBe(503);
  process.kill(pid!, 'SIGUSR2');
  await until(async () => ((await instance()).state === 'healthy' ? true : undefined));
  expect((await kit.get(app, '/')).text).toBe('one');
  expect((await instance()).pid).toBe(pid);
});
