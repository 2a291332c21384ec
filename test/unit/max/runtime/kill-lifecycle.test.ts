import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { processesOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { nodeApp, openRuntime, type RuntimeKit, type Tree, until } from './kit.ts';
import { kill, startMax, tell } from './max-child.ts';

let kit: RuntimeKit | undefined;
afterEach(async () => {
  await kit?.remove();
  kit = undefined;
});

/** An app that never opens its port while a file is there, with a worker. */
function hanging(hold: string): Tree {
  const wait = `if (require('node:fs').existsSync(${JSON.stringify(hold)})) return setInterval(() => {}, 1000);`;
  return {
    ...nodeApp('one', wait),
    Procfile: 'web: node server.js\nworker: node worker.js',
    'worker.js': 'setInterval(() => {}, 1000)',
  };
}

interface Row {
  id: string;
  name: string;
  pid: number | null;
}

/** The instances as they are stored, read beside the Max that runs or from what a dead one left. */
function rows(dir: string): Row[] {
  const database = openDatabase(join(dir, 'max.db'));
  const found = database.all<Row>('SELECT id, name, pid FROM instances ORDER BY name');
  database.close();
  return found;
}

const started = (dir: string, count: number): Promise<Row[]> =>
  until(() => {
    const found = rows(dir).filter(({ pid }) => pid !== null);
    return found.length === count ? found : undefined;
  });

const running = (of: RuntimeKit): Promise<true> =>
  until(() => (of.runtime.summary(of.app()).state === 'running' ? true : undefined));

test('a scale amid which Max is killed has not happened: what was to join is ended, what ran is adopted', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-kill-'));
  const hold = join(dir, 'hold');
  const max = await startMax(dir);
  expect((await tell(max, { deploy: hanging(hold) }, 'deployment')).state).toBe('healthy');
  const before = rows(dir);
  writeFileSync(hold, '');
  const { id } = await tell(max, { scale: { web: 2, worker: 2 } }, 'id');
  const all = await started(dir, 4);
  await kill(max);

  kit = await openRuntime({ dir });
  await running(kit);
  expect(rows(dir)).toEqual(before);
  for (const { id: instance } of all)
    expect(processesOf(instance).length).toBe(before.some((one) => one.id === instance) ? 1 : 0);
  expect(await kit.runtime.status(kit.app())).toMatchObject({ formation: { web: 1, worker: 1 } });
  expect(kit.runtime.deployment(kit.app(), id)).toMatchObject({
    state: 'failed',
    failure: { code: 'RIG_DEPLOY_INTERRUPTED' },
  });
  expect((await kit.get(kit.app(), '/')).text).toBe('one');
});

test('a start amid which Max is killed leaves the app stopped, with nothing that runs', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-kill-'));
  const hold = join(dir, 'hold');
  const max = await startMax(dir);
  await tell(max, { deploy: hanging(hold) }, 'deployment');
  await tell(max, { stop: true }, 'id');
  await until(() => (rows(dir).length === 0 ? true : undefined));
  writeFileSync(hold, '');
  await tell(max, { start: true }, 'id');
  const all = await started(dir, 2);
  await kill(max);

  kit = await openRuntime({ dir });
  expect(kit.runtime.summary(kit.app())).toEqual({ state: 'stopped', release: 1 });
  expect(rows(dir)).toEqual([]);
  for (const { id } of all) expect(processesOf(id)).toEqual([]);
});

test('a stop after which Max is killed at once has happened', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-kill-'));
  const max = await startMax(dir);
  await tell(max, { deploy: hanging(join(dir, 'hold')) }, 'deployment');
  const all = rows(dir);
  await tell(max, { stop: true }, 'id');
  await kill(max);

  kit = await openRuntime({ dir });
  expect(kit.runtime.summary(kit.app())).toEqual({ state: 'stopped', release: 1 });
  expect(rows(dir)).toEqual([]);
  for (const { id } of all) expect(processesOf(id)).toEqual([]);
});
