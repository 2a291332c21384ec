import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { BuildRows } from '../../../../plugins/max/src/deployments/build-rows.ts';
import { LogRetention } from '../../../../plugins/max/src/deployments/log-retention.ts';
import { LogStore } from '../../../../plugins/max/src/logs/log-store.ts';
import { nodeApp, openRuntime, type RuntimeKit } from './kit.ts';

let kit: RuntimeKit;
afterEach(() => kit.remove());

test('a new instance has the time that its app says, and no longer', async () => {
  kit = await openRuntime();
  const app = kit.app();
  kit.set(app, { healthTimeoutSeconds: 1 });
  const tree = nodeApp('slow');
  tree['server.js'] = 'setInterval(() => {}, 1_000);';
  const { failure } = await kit.deploy(app, tree);
  expect(failure).toMatchObject({ code: 'RIG_NOT_HEALTHY', reason: expect.stringContaining('within 1 s') });
});

test('the logs of builds together are held to the limit: the newest stays, older ones go whole and say so', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const builds = new BuildRows(kit.database);
  const logs = new LogStore(join(kit.dir, 'other-logs'));
  const retention = new LogRetention({ apps: kit.apps, builds, logs, report: (text) => kit.log.push(text) });
  const lines = Array.from({ length: 900 }, (_, at) => `${at} ${'x'.repeat(500)}`);
  const ids = ['1', '2', '3'].map((number) => {
    const { id } = builds.create(app.id, `dep_${number}`);
    logs.build(id).append(lines.map((text) => ({ at: Date.now(), instance: 'build', stream: 'stdout', text })));
    builds.end(id, 'succeeded');
    logs.endBuild(id);
    return id;
  });
  kit.apps.update(app.id, app.name, { ...app.settings, logs: { maxBytes: 1_200_000, maxAgeDays: null } });
  await retention.changed(app.id);
  const kept = ids.map((id) => logs.build(id).read(0, { lines: 1_000 }));
  expect(kept.map((read) => [read.gap, read.lines.length])).toEqual([
    [{ from: 1, to: 900 }, 0],
    [undefined, 900],
    [undefined, 900],
  ]);
  expect(kit.log).toEqual([]);
  logs.close();
});

test('an app is served under its new name at once, and not under its old one', async () => {
  kit = await openRuntime();
  const app = kit.app();
  await kit.deploy(app, nodeApp('one'));
  expect((await kit.get(app, '/')).text).toBe('one');
  kit.database.transaction(() => {
    kit.runtime.beforeRename(app);
    kit.apps.update(app.id, 'renamed', app.settings);
  });
  expect((await kit.get(app, '/')).status).toBe(404);
  const renamed = kit.apps.byId(app.id)!;
  expect((await kit.get(renamed, '/')).text).toBe('one');
  const { id } = kit.runtime.restart(renamed);
  expect(() => kit.runtime.beforeRename(renamed)).toThrow(/is being deployed already/);
  await kit.settled(renamed, id);
  expect(JSON.parse((await kit.get(renamed, '/env')).text)).toMatchObject({ MAX_APP: 'renamed' });
});
