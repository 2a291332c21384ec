import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { createHome } from '../support/home.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rig, rigJson, rigOk } from '../support/rig.ts';

interface Up {
  url: string;
  pid: number;
  stateDir: string;
  log: string;
  already: boolean;
}
interface Status {
  state: string;
  pid: number | null;
  url: string | null;
}
interface AppStatus {
  app: { state: string };
  instances: Array<{ pid: number; restarts: number; state: string }>;
}

/** Agrees to any WebSocket, and says nothing. */
const TALKS = `import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
createServer().on('upgrade', (req, socket) => {
  const key = createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + key + '\\r\\n\\r\\n');
  socket.on('error', () => {});
}).listen(process.env.PORT);
`;

let max: RunningMax;
/** An argument by which the app is found among all processes. */
const mark = (): string => basename(max.home.dir);

// Most of these tests end, kill or remove it.
beforeEach(async () => {
  max = await startMax();
  const source = answering('here', "let n = 0; setInterval(() => console.log('tick ' + ++n), 20);");
  await deploy(
    max,
    'api.shop',
    await writeNodeApp(join(max.home.dir, 'app'), source, { start: `node server.mjs ${mark()}` }),
  );
});
afterEach(() => max.stop());

/** A process that has ended and waits for its parent to look is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

const appStatus = (): Promise<AppStatus> => rigJson<AppStatus>(max.home, ['status', 'app', 'api.shop']);

/** How many processes run the app's server; asked of the system, not of Max. */
function copies(): number {
  const all = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line === `node server.mjs ${mark()}`).length;
}

test('up a second time says that it runs, and starts none', async () => {
  const again = await rigJson<Up>(max.home, ['max', 'up']);
  expect(again).toMatchObject({ already: true, pid: max.pid, url: max.url });
  expect((await rigOk(max.home, ['max', 'up'])).stdout).toContain('Max is running already');
});

test('two at once start one', async () => {
  const home = createHome();
  try {
    // Both have ended before anything is judged: what fails is told, and not what its removal meets.
    const ups = await Promise.all([rig(home, ['max', 'up', '-o', 'json']), rig(home, ['max', 'up', '-o', 'json'])]);
    expect(ups.map(({ stderr }) => stderr).filter((text) => text.includes('"error"'))).toEqual([]);
    const [one, other] = ups.map(({ stdout }) => JSON.parse(stdout) as Up);
    expect(one?.pid).toBe(other?.pid);
    expect([one?.already, other?.already].filter(Boolean)).toHaveLength(1);
  } finally {
    await rigOk(home, ['max', 'reset', '--yes']);
    await home.remove();
  }
});

test('status, up and down agree; what is stopped is stopped', async () => {
  const home = createHome();
  try {
    expect(await rig(home, ['max', 'status', '-o', 'name'])).toMatchObject({ exitCode: 1, stdout: 'stopped\n' });
    const up = await rigJson<Up>(home, ['max', 'up']);
    expect(await rigJson<Status>(home, ['max', 'status'])).toMatchObject({
      state: 'running',
      pid: up.pid,
      url: up.url,
    });
    expect(await rigJson(home, ['config', 'get', 'context'])).toMatchObject({ value: 'local' });
    await rigOk(home, ['max', 'down']);
    expect(isAlive(up.pid)).toBe(false);
    expect(await rig(home, ['max', 'status'])).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('rig max up'),
    });
    // Down where nothing runs is no failure, and says so.
    expect((await rig(home, ['max', 'down'])).exitCode).toBe(0);
    // It comes back where it was.
    const again = await rigJson<Up>(home, ['max', 'up'], { env: { RIG_MAX_PORT: '' } });
    expect(again.url).toBe(up.url);
  } finally {
    await rigOk(home, ['max', 'reset', '--yes']);
    await home.remove();
  }
});

test('state and tokens are readable by this user alone', () => {
  const state = join(max.home.dir, 'state', 'rig', 'max');
  expect(statSync(state).mode & 0o077).toBe(0);
  expect(statSync(join(max.home.dir, 'data', 'rig', 'credentials.json')).mode & 0o077).toBe(0);
});

test('up after kill -9 adopts the app: the same process answers at once, there is no second, its log has no hole', async () => {
  const before = await appStatus();
  process.kill(max.pid, 'SIGKILL');
  expect(await rig(max.home, ['max', 'status', '-o', 'json'])).toMatchObject({ exitCode: 1 });
  const up = await rigJson<Up>(max.home, ['max', 'up']);
  expect(up).toMatchObject({ already: false, url: max.url });
  max.pid = up.pid;
  expect(await askApp(max, 'api.shop')).toMatchObject({ status: 200, body: 'here' });
  const after = await appStatus();
  expect(after.instances).toEqual(before.instances);
  expect(copies()).toBe(1);

  const lines = await rigJson<Array<{ seq: number; text: string }>>(max.home, [
    'logs',
    'app',
    'api.shop',
    '--no-follow',
    '--lines',
    '10000',
  ]);
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => i + 1));
  const ticks = lines.flatMap(({ text }) => /^tick (\d+)$/.exec(text)?.[1] ?? []).map(Number);
  expect(ticks.length).toBeGreaterThan(0);
  expect(ticks).toEqual(ticks.map((_, i) => i + 1));
});

test('an app that died while Max was dead is started again', async () => {
  const [instance] = (await appStatus()).instances;
  process.kill(max.pid, 'SIGKILL');
  process.kill(Number(instance?.pid), 'SIGKILL');
  max.pid = (await rigJson<Up>(max.home, ['max', 'up'])).pid;
  for (;;) {
    const { app, instances } = await appStatus();
    if (app.state === 'running' && instances[0]?.pid !== instance?.pid) break;
  }
  expect((await askApp(max, 'api.shop')).body).toBe('here');
  expect(copies()).toBe(1);
});

test('a stale pid file, of a process that is another program now, is no Max', async () => {
  const home = createHome();
  try {
    const up = await rigJson<Up>(home, ['max', 'up']);
    process.kill(up.pid, 'SIGKILL');
    const file = join(up.stateDir, 'max.json');
    const run = JSON.parse(readFileSync(file, 'utf8')) as { pid: number };
    expect(run.pid).toBe(up.pid);
    // This very process has that number now, as after a reboot.
    writeFileSync(file, JSON.stringify({ ...run, pid: process.pid }));
    expect(await rig(home, ['max', 'status', '-o', 'name'])).toMatchObject({ exitCode: 1, stdout: 'stopped\n' });
    const again = await rigJson<Up>(home, ['max', 'up']);
    expect(again.already).toBe(false);
    await rigOk(home, ['max', 'down']);
    writeFileSync(file, 'not what it should be');
    expect((await rig(home, ['max', 'status', '-o', 'name'])).stdout).toBe('stopped\n');
    expect((await rigJson<Up>(home, ['max', 'up'])).already).toBe(false);
  } finally {
    await rigOk(home, ['max', 'reset', '--yes']);
    await home.remove();
  }
});

test('down ends the apps, up starts them again; reset removes all of it', async () => {
  const { instances } = await appStatus();
  const dir = await writeNodeApp(join(max.home.dir, 'talks'), TALKS);
  await deploy(max, 'talks.shop', dir);
  const client = new WebSocket(`ws://127.0.0.1:${max.port}/`, { headers: { host: 'talks.shop.localhost' } });
  await once(client, 'open');
  const closed = once(client, 'close');
  await rigOk(max.home, ['max', 'down']);
  // Its WebSockets are told that they may come back.
  expect((await closed)[0]).toBe(1012);
  expect(instances.map(({ pid }) => isAlive(pid))).toEqual([false]);
  expect(copies()).toBe(0);
  const up = await rigJson<Up>(max.home, ['max', 'up']);
  max.pid = up.pid;
  for (;;) if ((await appStatus()).app.state === 'running') break;
  expect((await askApp(max, 'api.shop')).body).toBe('here');

  expect((await rig(max.home, ['max', 'reset'])).exitCode).toBe(2);
  expect((await askApp(max, 'api.shop')).body).toBe('here');
  await rigOk(max.home, ['max', 'reset', '--yes']);
  expect(isAlive(up.pid)).toBe(false);
  expect(copies()).toBe(0);
  expect(existsSync(up.stateDir)).toBe(false);
});
