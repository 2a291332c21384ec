import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Instance } from '@rig/plugin-api/max';
import { afterEach, expect, test } from 'vitest';
import { identityOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { nodeApp, openRuntime, type RuntimeKit, type Tree, until } from './kit.ts';

let kit: RuntimeKit;
afterEach(async () => kit?.remove());

/** A web process and a worker, which says what it is. */
const tree = (text: string, worker = ''): Tree => ({
  ...nodeApp(text),
  Procfile: 'worker: node worker.js\nweb: node server.js\n',
  'worker.js': `
    console.log(process.env.MAX_INSTANCE + ' of ' + process.env.MAX_RELEASE + ', port ' + process.env.PORT);
    ${worker}
    setInterval(() => {}, 1000);`,
});

const instances = async (): Promise<Instance[]> => (await kit.runtime.status(kit.app())).instances;
const names = async (): Promise<string[]> => (await instances()).map(({ name }) => name);
const pids = async (): Promise<Map<string, number | null>> =>
  new Map((await instances()).map(({ name, pid }) => [name, pid]));
const scaled = (formation: Record<string, number>) =>
  kit.settled(kit.app(), kit.runtime.scale(kit.app(), formation).id);
const only = (wanted: string[]): Promise<true> =>
  until(async () => ((await names()).join() === wanted.join() ? true : undefined));
const says = (text: string): Promise<string> =>
  until(async () => {
    const { lines } = await kit.runtime.appLogs(kit.app(), { lines: 1_000, after: 0 });
    return lines.find((line) => line.text === text)?.instance;
  });

test('every line of a Procfile runs: web with a port and requests, the others without', async () => {
  kit = await openRuntime();
  const app = kit.app();
  expect(await kit.deploy(app, tree('one'))).toMatchObject({ state: 'healthy' });
  expect(await kit.runtime.status(app)).toMatchObject({
    formation: { web: 1, worker: 1 },
    instances: [
      { name: 'web.1', process: 'web', state: 'healthy', port: expect.any(Number) },
      { name: 'worker.1', process: 'worker', state: 'healthy', port: null, pid: expect.any(Number) },
    ],
  });
  expect(await kit.runtime.details(app)).toMatchObject({
    instances: 2,
    formation: { web: 1, worker: 1 },
    processes: { web: 'node server.js', worker: 'node worker.js' },
  });
  expect(await says('worker.1 of v1, port undefined')).toBe('worker.1');
  expect((await kit.get(app, '/')).text).toBe('one');
  expect(kit.runtime.summary(app).state).toBe('running');
});

test('a worker that does not stay up fails the release', async () => {
  // However long it takes to end on a busy machine.
  kit = await openRuntime({ tuning: { settleMs: 60_000 } });
  const failed = await kit.deploy(kit.app(), tree('one', "console.log('no queue'); process.exit(4);"));
  expect(failed).toMatchObject({
    state: 'failed',
    failure: {
      code: 'RIG_INSTANCE_CRASHED',
      reason: expect.stringMatching(/worker\.1 ended \(exit 4\) right after its start/),
      lines: expect.arrayContaining(['no queue']),
    },
  });
  await only([]);
});

test('a worker that crashes later is started again', async () => {
  kit = await openRuntime();
  await kit.deploy(kit.app(), tree('one'));
  const before = (await pids()).get('worker.1')!;
  process.kill(before, 'SIGKILL');
  const again = await until(async () =>
    (await instances()).find(
      ({ name, state, restarts }) => name === 'worker.1' && state === 'healthy' && restarts === 1,
    ),
  );
  expect(again).toMatchObject({ release: 1, lastExit: 'SIGKILL' });
  expect(again.pid).not.toBe(before);
});

test('an app of workers alone runs, and says to who asks that it answers no requests', async () => {
  kit = await openRuntime();
  const app = kit.app();
  expect(await kit.deploy(app, { ...tree('one'), Procfile: 'worker: node worker.js' })).toMatchObject({
    state: 'healthy',
  });
  expect(kit.runtime.summary(app)).toEqual({ state: 'running', release: 1 });
  expect(await names()).toEqual(['worker.1']);
  expect(await kit.get(app, '/')).toMatchObject({ status: 503, text: expect.stringContaining('RIG_APP_NO_WEB') });
  expect(() => kit.runtime.scale(app, { worker: 0 })).toThrow(expect.objectContaining({ code: 'RIG_NOTHING_TO_RUN' }));
  expect(() => kit.runtime.scale(app, { web: 2 })).toThrow(expect.objectContaining({ code: 'RIG_PROCESS_NOT_FOUND' }));
  // A release with a web process opens it.
  await kit.deploy(app, tree('two'));
  expect((await kit.get(app, '/')).text).toBe('two');
});

test('a scale starts what is lacking and ends the last ones; what runs on is not touched, no release is made, no request fails', async () => {
  kit = await openRuntime();
  const app = kit.app();
  await kit.deploy(app, tree('one'));
  const before = await pids();
  let over = false;
  const statuses = new Set<number | undefined>();
  const agent = new Agent({ keepAlive: true });
  const asking = (async () => {
    while (!over) {
      const req = request({ agent, host: '127.0.0.1', port: kit.port, headers: { host: 'web.net.localhost' } }).end();
      const [answer] = (await once(req, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      statuses.add(answer.statusCode);
    }
  })();
  expect(await scaled({ web: 3, worker: 2 })).toMatchObject({
    kind: 'scale',
    state: 'healthy',
    release: 1,
    buildId: null,
  });
  await only(['web.1', 'web.2', 'web.3', 'worker.1', 'worker.2']);
  const up = await pids();
  for (const [name, pid] of before) expect(up.get(name)).toBe(pid);
  expect(await says('worker.2 of v1, port undefined')).toBe('worker.2');

  expect(await scaled({ web: 2, worker: 0 })).toMatchObject({ state: 'healthy', release: 1 });
  await only(['web.1', 'web.2']);
  over = true;
  await asking;
  agent.destroy();
  expect([...statuses]).toEqual([200]);
  const down = await pids();
  expect([down.get('web.1'), down.get('web.2')]).toEqual([up.get('web.1'), up.get('web.2')]);
  expect(kit.runtime.listReleases(app, { limit: 10, cursor: undefined }).items).toHaveLength(1);
  // The numbers hold for the next release.
  await kit.deploy(app, tree('two'));
  await only(['web.1', 'web.2']);
});

test('a scale whose instances do not get healthy, or that is cancelled, leaves everything as it was', async () => {
  kit = await openRuntime();
  const app = kit.app();
  const picky = nodeApp(
    'one',
    `if (process.env.MAX_INSTANCE === 'web.3') process.exit(5);
    if (process.env.MAX_INSTANCE === 'web.2') return setInterval(() => {}, 1000);`,
  );
  await kit.deploy(app, picky);
  const before = await pids();
  expect(await scaled({ web: 3 })).toMatchObject({
    state: 'failed',
    release: 1,
    failure: { code: 'RIG_INSTANCE_CRASHED' },
  });
  await only(['web.1']);
  const { id } = kit.runtime.scale(app, { web: 2 });
  await kit.settled(app, id, 'releasing');
  expect(await kit.runtime.cancelDeployment(app, id)).toMatchObject({ state: 'cancelled' });
  await only(['web.1']);
  expect(await pids()).toEqual(before);
  expect(await kit.runtime.status(app)).toMatchObject({ formation: { web: 1 } });
});

test('the next Max adopts each type once, starts what has ended, and ends what was about to join or to go', async () => {
  kit = await openRuntime();
  await kit.deploy(kit.app(), tree('one'));
  await scaled({ web: 2, worker: 3 });
  const before = await pids();
  await kit.close();
  const { openDatabase } = await import('../../../../plugins/max/src/store/database.ts');
  const database = openDatabase(`${kit.dir}/max.db`);
  // As a scale to one web and four workers leaves it that was killed right after it was stored.
  database.run("UPDATE app_runtime SET formation = json_object('web', 1, 'worker', 4)");
  database.close();
  process.kill(before.get('worker.2')!, 'SIGKILL');
  kit = await openRuntime({ dir: kit.dir });
  await until(() => (kit.runtime.summary(kit.app()).state === 'running' ? true : undefined));
  expect(await names()).toEqual(['web.1', 'worker.1', 'worker.2', 'worker.3', 'worker.4']);
  expect(identityOf(before.get('web.2')!)).toBeUndefined();
  const after = await pids();
  for (const name of ['web.1', 'worker.1', 'worker.3']) expect(after.get(name)).toBe(before.get(name));
  expect(after.get('worker.2')).not.toBe(before.get('worker.2'));
  expect(kit.database.all('SELECT id FROM instances')).toHaveLength(5);
});
