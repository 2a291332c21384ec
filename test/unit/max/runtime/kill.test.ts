import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { identityOf, processesOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { nodeApp, openRuntime, type RuntimeKit, type Tree, until } from './kit.ts';
import { kill, startMax, tell } from './max-child.ts';

let kit: RuntimeKit | undefined;
afterEach(async () => {
  await kit?.remove();
  kit = undefined;
});

const counting = (): Tree => nodeApp('one', 'let line = 0; setInterval(() => console.log("line " + ++line), 5);');

test('an app outlives a Max that is killed, is adopted once, and no line of its log is lost or doubled', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-kill-'));
  let max = await startMax(dir);
  expect((await tell(max, { deploy: counting() }, 'deployment')).state).toBe('healthy');
  await kill(max);
  // Killed once more, while it takes over.
  max = await startMax(dir);
  await kill(max);

  kit = await openRuntime({ dir });
  const app = kit.app();
  const rows = kit.database.all<{ id: string; pid: number }>('SELECT id, pid FROM instances');
  expect(rows).toHaveLength(1);
  expect(processesOf(rows[0]!.id).length).toBe(1);
  expect(kit.log.join('\n')).toContain(`process ${rows[0]!.pid}`);
  await until(() => (kit!.runtime.summary(app).state === 'running' ? true : undefined));
  expect((await kit.get(app, '/')).headers['x-pid']).toBe(String(rows[0]!.pid));
  const numbers = await until(async () => {
    const { lines } = await kit!.runtime.appLogs(app, { lines: 10_000, after: 0 });
    expect(lines.map((line) => line.seq)).toEqual(lines.map((_, index) => index + 1));
    const found = lines.map((line) => /^line (\d+)$/.exec(line.text)?.[1]).filter((number) => number !== undefined);
    return found.length > 100 ? found.map(Number) : undefined;
  });
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));

  // An adopted instance that ends is noticed and started again.
  process.kill(rows[0]!.pid, 'SIGKILL');
  await until(async () => {
    const [instance] = (await kit!.runtime.status(app)).instances;
    return instance?.state === 'healthy' && instance.restarts === 1 ? true : undefined;
  });
});

test('an app that ended while Max was dead is started again, with its last words in the log', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-kill-'));
  const max = await startMax(dir);
  await tell(
    max,
    { deploy: nodeApp('one', "process.on('SIGUSR2', () => { process.stdout.write('last words'); process.exit(0) });") },
    'deployment',
  );
  await kill(max);
  const peek = openRuntimeRows(dir);
  process.kill(peek.pid, 'SIGUSR2');
  await until(() => (identityOf(peek.pid) === undefined ? true : undefined));
  kit = await openRuntime({ dir });
  const app = kit.app();
  await until(() => (kit!.runtime.summary(app).state === 'running' ? true : undefined));
  expect((await kit.get(app, '/')).headers['x-pid']).not.toBe(String(peek.pid));
  const { lines } = await kit.runtime.appLogs(app, { lines: 100, after: 0 });
  expect(lines.map((line) => line.text)).toContain('last words');
});

test('a build under way when Max is killed is ended and failed with that reason', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-kill-'));
  const marker = join(dir, 'build-pid');
  const max = await startMax(dir);
  const { id } = await tell(
    max,
    {
      deploy: {
        'package.json': JSON.stringify({ scripts: { build: 'node build.js', start: 'node server.js' } }),
        'build.js': `require('node:fs').writeFileSync(${JSON.stringify(marker)}, String(process.pid)); setInterval(() => {}, 1000)`,
      },
    },
    'id',
  );
  await until(() => (existsSync(marker) && readFileSync(marker, 'utf8') !== '' ? true : undefined));
  await kill(max);
  kit = await openRuntime({ dir });
  const app = kit.app();
  expect(identityOf(Number(readFileSync(marker, 'utf8')))).toBeUndefined();
  const deployment = kit.runtime.deployment(app, id)!;
  expect(deployment).toMatchObject({ state: 'failed', failure: { code: 'RIG_DEPLOY_INTERRUPTED' } });
  expect(deployment.failure?.reason).toContain('while the deployment was building');
  expect(kit.runtime.build(app, deployment.buildId!)?.state).toBe('failed');
  expect((await kit.deploy(app, nodeApp('after'))).state).toBe('healthy');
});

test('a release that was starting when Max is killed is ended, and the one before serves on', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-kill-'));
  const max = await startMax(dir);
  await tell(max, { deploy: nodeApp('one') }, 'deployment');
  const marker = join(dir, 'started');
  await tell(
    max,
    {
      deploy: {
        'package.json': JSON.stringify({ scripts: { start: 'node server.js' } }),
        'server.js': `require('node:fs').writeFileSync(${JSON.stringify(marker)}, String(process.pid)); setInterval(() => {}, 1000)`,
      },
    },
    'id',
  );
  await until(() => (existsSync(marker) && readFileSync(marker, 'utf8') !== '' ? true : undefined));
  await kill(max);
  kit = await openRuntime({ dir });
  const app = kit.app();
  expect(identityOf(Number(readFileSync(marker, 'utf8')))).toBeUndefined();
  await until(() => (kit!.runtime.summary(app).state === 'running' ? true : undefined));
  expect((await kit.get(app, '/')).text).toBe('one');
  const [latest] = kit.runtime.listDeployments(app, { limit: 1, cursor: undefined }).items;
  expect(latest).toMatchObject({ state: 'failed', release: 2, failure: { code: 'RIG_DEPLOY_INTERRUPTED' } });
});

/** Kills a Max amid a release command; gives its deployment, and what the command has left running. */
async function killAmidRelease(dir: string): Promise<{ id: string; pids: number[] }> {
  const max = await startMax(dir);
  await tell(max, { deploy: nodeApp('one') }, 'deployment');
  const marker = join(dir, 'migrating');
  const { id } = await tell(
    max,
    {
      deploy: {
        ...nodeApp('two'),
        Procfile: 'release: node migrate.js\nweb: node server.js\n',
        // What it starts goes into a session of its own.
        'migrate.js': `
        const { spawn } = require('node:child_process');
        const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
        require('node:fs').writeFileSync(${JSON.stringify(marker)}, process.pid + ' ' + child.pid + '\\n');
        setInterval(() => {}, 1000);`,
      },
    },
    'id',
  );
  await until(() => (existsSync(marker) && readFileSync(marker, 'utf8').endsWith('\n') ? true : undefined));
  const pids = readFileSync(marker, 'utf8').trim().split(' ').map(Number);
  await kill(max);
  expect(pids.map((pid) => identityOf(pid) !== undefined)).toEqual([true, true]);
  return { id, pids };
}

test('a release command under way when Max is killed is ended, and the deployment failed with that reason', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-kill-'));
  const { id, pids } = await killAmidRelease(dir);
  kit = await openRuntime({ dir });
  const app = kit.app();
  expect(pids.map(identityOf)).toEqual([undefined, undefined]);
  expect(kit.runtime.deployment(app, id)).toMatchObject({
    state: 'failed',
    failure: {
      code: 'RIG_DEPLOY_INTERRUPTED',
      reason: 'Max ended while the deployment was releasing',
      fix: 'deploy again: rig deploy --app web.net',
    },
  });
  await until(() => (kit!.runtime.summary(app).state === 'running' ? true : undefined));
  expect((await kit.get(app, '/')).text).toBe('one');
});

test('a release command of an app that was being removed is ended too', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-kill-'));
  const { pids } = await killAmidRelease(dir);
  const database = openDatabase(join(dir, 'max.db'));
  database.run('UPDATE apps SET removing = 1');
  database.close();
  kit = await openRuntime({ dir });
  expect(pids.map(identityOf)).toEqual([undefined, undefined]);
});

/** The process of the one instance, as a dead Max left it. */
function openRuntimeRows(dir: string): { pid: number } {
  const database = openDatabase(join(dir, 'max.db'));
  const row = database.get<{ pid: number }>('SELECT pid FROM instances')!;
  database.close();
  return row;
}
