import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { App, Release } from '@rig/plugin-api/max';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { identityOf } from '../../plugins/max/src/engine/process-table.ts';
import { askApp, type Deployed, deploy, writeNodeApp } from '../support/app.ts';
import { forgeBackup } from '../support/backup-file.ts';
import { expectFailure } from '../support/failure.ts';
import { createHome, type Home } from '../support/home.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigJson, rigOk, spawnRig } from '../support/rig.ts';

const SECRET = 'sentinel-of-the-backup';
const APP = 'api.shop';

/** Keeps a line for each request to /add in its home, and acknowledges it with how many there are. */
const SOURCE = `import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const file = process.env.HOME + '/lines';
const count = () => { try { return readFileSync(file, 'utf8').split('\\n').length - 1 } catch { return 0 } };
createServer((request, response) => {
  if (request.url === '/add') { appendFileSync(file, 'line\\n'); console.log('added ' + count()); }
  response.end(JSON.stringify({ text: TEXT, lines: count(), a: process.env.A, secret: process.env.SECRET === '${SECRET}', pid: process.pid }));
}).listen(process.env.PORT, '127.0.0.1');
`;

let max: RunningMax;
const homes: Home[] = [];
beforeAll(async () => {
  max = await startMax();
  await deploy(max, APP, await code('one'));
  await rigOk(max.home, ['create', 'var', 'A=1', '--app', APP]);
  await rigOk(max.home, ['create', 'secret', 'SECRET', '--value-stdin', '--app', APP], { input: SECRET });
  await deploy(max, APP, await code('two'));
}, 120_000);
afterAll(async () => {
  for (const home of homes) {
    await rigOk(home, ['max', 'down']);
    await home.remove();
  }
  await max.stop();
});

const code = (text: string, more = '') =>
  writeNodeApp(join(max.home.dir, text), more + SOURCE.replace('TEXT', JSON.stringify(text)));
const state = (home: Home): string => join(home.dir, 'state', 'rig', 'max');
const ask = async (of: RunningMax, path = '/') => JSON.parse((await askApp(of, APP, path)).body) as Answer;
interface Answer {
  text: string;
  lines: number;
  a: string;
  secret: boolean;
  pid: number;
}

function otherHome(): Home {
  const home = createHome();
  homes.push(home);
  return home;
}

/** Everything below a folder by its path, with what is in files; what comes and goes with a command is left out. */
function contents(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !/max\.(lock|log)/.test(entry.name)) found[path] = readFileSync(path, 'latin1');
  }
  return found;
}

/** A file in the home of an app that is large enough to end a command amid it. */
async function largeFile(): Promise<{ path: string; remove(): void }> {
  const apps = join(state(max.home), 'apps');
  const home = join(apps, (await readdir(apps))[0]!, 'home');
  mkdirSync(home, { recursive: true });
  const file = join(home, 'large');
  writeFileSync(file, '');
  truncateSync(file, 300_000_000);
  return { path: file, remove: () => rmSync(file) };
}

/** Starts Max on what was restored, and signs in with the token that came along. */
async function startRestored(home: Home): Promise<RunningMax> {
  const { url, pid } = await rigJson<{ url: string; pid: number }>(home, ['max', 'up', '--port', '0']);
  const token = (await rigOk(home, ['max', 'token', '-o', 'name'])).stdout.trim();
  await rigOk(home, ['login', '--token-stdin'], { input: token });
  const port = Number(new URL(url).port);
  const restored: RunningMax = { home, url, pid, port, token, stop: async () => undefined };
  await expect.poll(() => askApp(restored, APP).then(({ status }) => status), { timeout: 60_000 }).toBe(200);
  return restored;
}

/** Goes on making networks, and says how many were acknowledged. */
function writeOn(): { acknowledged(): number; stop(): Promise<number> } {
  let made = 0;
  let going = true;
  const headers = { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' };
  const done = (async () => {
    while (going) {
      const body = JSON.stringify({ name: `net-${made + 1}` });
      const answer = await fetch(`${max.url}/v1/networks`, { method: 'POST', headers, body });
      if (answer.status !== 201) throw new Error(`a network was refused with ${answer.status}: ${await answer.text()}`);
      await answer.text();
      made += 1;
    }
    return made;
  })();
  return {
    acknowledged: () => made,
    stop: () => {
      going = false;
      return done;
    },
  };
}

test('a backup of a Max that serves, deploys and is written to gives all that was acknowledged before, elsewhere', async () => {
  await ask(max, '/add');
  const { pid } = await ask(max);
  const file = join(max.home.dir, 'online.tar.gz');
  const writes = writeOn();
  await expect.poll(() => writes.acknowledged(), { timeout: 60_000 }).toBeGreaterThan(20);
  const { lines } = await ask(max, '/add');
  await expect
    .poll(async () => (await rigOk(max.home, ['logs', 'app', APP, '--no-follow'])).stdout, { timeout: 60_000 })
    .toContain(`added ${lines}`);
  const before = writes.acknowledged();
  const [told, during] = await Promise.all([
    rigJson<{ size: number; apps: number }>(max.home, ['max', 'backup', file]),
    deploy(max, 'other.shop', await code('other')),
  ]);
  const after = await writes.stop();
  expect(told).toMatchObject({ apps: expect.any(Number), size: statSync(file).size });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(during.release).toBe(1);

  const home = otherHome();
  expect(await rigJson(home, ['max', 'restore', file, '--dry-run'])).toMatchObject({ dryRun: true });
  expect(existsSync(state(home))).toBe(false);
  await rigOk(home, ['max', 'restore', file]);
  const restored = await startRestored(home);
  expect(restored.token).toBe(max.token);
  const networks = (await rigJson<Array<{ name: string }>>(home, ['list', 'networks'])).filter(({ name }) =>
    name.startsWith('net-'),
  );
  // All up to one, and none after it: what was there at one moment.
  expect(networks.length).toBeGreaterThanOrEqual(before);
  expect(networks.length).toBeLessThanOrEqual(after);
  expect(new Set(networks.map(({ name }) => name))).toEqual(
    new Set(Array.from({ length: networks.length }, (_, index) => `net-${index + 1}`)),
  );
  const there = await ask(restored);
  expect(there).toMatchObject({ text: 'two', a: '1', secret: true });
  expect(there.lines).toBeGreaterThanOrEqual(lines);
  expect(there.pid).not.toBe(pid);

  // The log goes on after its last number.
  const seqs = async () =>
    (await rigOk(home, ['logs', 'app', APP, '--no-follow', '-o', 'ndjson'])).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; text: string });
  const old = await seqs();
  expect(old.map(({ text }) => text)).toContain(`added ${lines}`);
  await ask(restored, '/add');
  await expect.poll(async () => (await seqs()).length, { timeout: 60_000 }).toBeGreaterThan(old.length);
  expect((await seqs()).map(({ seq }) => seq)).toEqual(Array.from({ length: (await seqs()).length }, (_, n) => n + 1));

  // Rollback, and a deploy after it.
  expect(await rigJson(home, ['rollback', '--app', APP, '--to', 'v1'])).toMatchObject({ state: 'healthy' });
  expect(await ask(restored)).toMatchObject({ text: 'one' });
  const releases = await rigJson<Release[]>(home, ['list', 'releases', '--app', APP]);
  expect(releases[0]).toMatchObject({ version: 5, current: true });
  expect(await deploy(restored, APP, join(max.home.dir, 'two'))).toMatchObject({
    sentBytes: 0,
  } satisfies Partial<Deployed>);
  await rigOk(home, ['max', 'down']);

  // The Max that was backed up has never noticed.
  expect(await ask(max)).toMatchObject({ text: 'two', pid });
}, 120_000);

test('a restore takes back what came after it, and ends what an earlier Max had left running', async () => {
  const home = otherHome();
  const file = join(max.home.dir, 'takes-back.tar.gz');
  await rigOk(max.home, ['max', 'backup', file]);
  await rigOk(home, ['max', 'restore', file]);
  const restored = await startRestored(home);
  await rigOk(home, ['create', 'network', 'later']);
  await rigOk(home, ['create', 'var', 'A=2', '--app', APP]);
  const { pid, a } = await ask(restored);
  expect(a).toBe('2');
  await expectFailure(home, ['max', 'restore', file, '--yes'], {
    code: 'RIG_MAX_RUNNING',
    exitCode: 5,
    message: String(restored.pid),
    hint: /rig max down/,
  });
  await rigOk(home, ['max', 'down', '--keep-apps']);
  await expectFailure(home, ['max', 'restore', file], {
    code: 'RIG_NO_TERMINAL',
    exitCode: 2,
    message: /Replace all networks/,
    hint: /--yes/,
  });
  expect(identityOf(pid)).toBeDefined();
  await rigOk(home, ['max', 'restore', file, '--yes']);
  expect(identityOf(pid)).toBeUndefined();
  expect(readdirSync(state(home)).filter((name) => /restored|replaced|restore\.json/.test(name))).toEqual([]);
  const again = await startRestored(home);
  expect(await ask(again)).toMatchObject({ text: 'two', a: '1' });
  expect((await rigJson<App[]>(home, ['list', 'networks'])).map(({ name }) => name)).not.toContain('later');
}, 120_000);

test('a restore that is killed costs nothing: Max comes up with what it had', async () => {
  const home = otherHome();
  const file = join(max.home.dir, 'killed.tar.gz');
  const large = await largeFile();
  await rigOk(max.home, ['max', 'backup', file]);
  large.remove();
  home.env.RIG_MAX_PORT = new URL((await rigJson<{ url: string }>(home, ['max', 'up'])).url).port;
  await rigOk(home, ['login', '--token-stdin'], { input: (await rigOk(home, ['max', 'token'])).stdout });
  await rigOk(home, ['create', 'network', 'mine']);
  await rigOk(home, ['max', 'down']);
  const before = contents(state(home));
  const restoring = spawnRig(home, ['max', 'restore', file, '--yes']);
  await expect
    .poll(() => existsSync(join(state(home), 'restored', 'content')), { timeout: 60_000, interval: 5 })
    .toBe(true);
  restoring.kill('SIGKILL');
  expect((await restoring).signal).toBe('SIGKILL');
  for (const [path, text] of Object.entries(before)) expect(readFileSync(path, 'latin1') === text, path).toBe(true);
  await rigOk(home, ['max', 'up']);
  expect(await rigJson<App[]>(home, ['list', 'networks'])).toMatchObject([{ name: 'mine' }]);
  expect(readdirSync(state(home)).filter((name) => /restored|replaced/.test(name))).toEqual([]);
}, 120_000);

test('Ctrl-C ends a backup, and leaves no half of it', async () => {
  const folder = join(max.home.dir, 'to');
  mkdirSync(folder);
  const large = await largeFile();
  const backup = spawnRig(max.home, ['max', 'backup', join(folder, 'a.tar.gz')]);
  await expect.poll(() => readdirSync(folder).length, { timeout: 60_000, interval: 5 }).toBe(1);
  backup.kill('SIGINT');
  const { exitCode, stdout, stderr } = await backup;
  large.remove();
  expect({ exitCode, stdout, stderr }).toMatchObject({
    exitCode: 130,
    stdout: '',
    stderr: expect.stringMatching(/there is no backup .*a\.tar\.gz/),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('what stands in the way of a backup is told, and what is there stays', async () => {
  const home = otherHome();
  const refused = (args: string[], codeName: string, exitCode: number, hint: RegExp, of = max.home) =>
    expectFailure(of, ['max', 'backup', ...args], { code: codeName, exitCode, message: /./, hint });
  const there = join(max.home.dir, 'there');
  writeFileSync(there, 'dear to me');
  await refused([there], 'RIG_BACKUP_EXISTS', 5, /--force/);
  expect(readFileSync(there, 'utf8')).toBe('dear to me');
  await refused([join(max.home.dir, 'nowhere', 'a')], 'RIG_BACKUP_WRITE', 1, /another place/);
  await refused([max.home.dir, '--force'], 'RIG_BACKUP_WRITE', 1, /another place/);
  await refused([join(state(max.home), 'a')], 'RIG_USAGE', 2, /another folder/);
  await refused([join(home.dir, 'a')], 'RIG_MAX_NOT_SET_UP', 3, /rig max up/, home);
  await rigOk(max.home, ['max', 'backup', there, '--force']);
  expect(await rigJson(max.home, ['max', 'restore', there, '--dry-run'])).toMatchObject({ dryRun: true });
});

test('a damaged database is refused with the way back, and a restore mends it and ends the apps that still run', async () => {
  const home = otherHome();
  const file = join(home.dir, 'max.tar.gz');
  await rigOk(max.home, ['max', 'backup', file]);
  await rigOk(home, ['max', 'restore', file]);
  const restored = await startRestored(home);
  const { pid } = await ask(restored);
  await rigOk(home, ['max', 'down', '--keep-apps']);
  writeFileSync(join(state(home), 'max.db'), 'no database any more '.repeat(1000));
  const damaged = { code: 'RIG_DATABASE_UNREADABLE', exitCode: 1, message: /max\.db/, hint: /rig max restore FILE/ };
  await expectFailure(home, ['max', 'up'], damaged);
  await expectFailure(home, ['max', 'backup', join(home.dir, 'of-damaged')], damaged);
  expect(existsSync(join(home.dir, 'of-damaged'))).toBe(false);
  await rigOk(home, ['max', 'restore', file, '--yes']);
  if (process.platform === 'linux') expect(identityOf(pid)).toBeUndefined();
  expect(await ask(await startRestored(home))).toMatchObject({ text: 'two', secret: true });
}, 120_000);

test('what an app writes to while it is read is told, and so is a backup of another kind of machine', async () => {
  const file = join(max.home.dir, 'changing.tar.gz');
  const large = await largeFile();
  const writing = setInterval(() => appendFileSync(large.path, 'more'), 1);
  const { stdout, stderr } = await rigOk(max.home, ['max', 'backup', file]);
  clearInterval(writing);
  large.remove();
  expect(stdout).toContain(file);
  expect(stderr).toMatch(/RIG_BACKUP_CHANGED/);
  expect(stderr).toMatch(/apps\/app_\w+\/home\/large/);
  expect(stderr).toContain('keep it secret');
  forgeBackup(file, []);
  const verified = await rigOk(max.home, ['max', 'restore', file, '--dry-run', '-o', 'json']);
  expect(JSON.parse(verified.stderr)).toMatchObject({ level: 'warning', code: 'RIG_BACKUP_PLATFORM' });
});

test('a backup of a Max that is down holds what Max keeps, and nothing of the machine', async () => {
  const home = otherHome();
  const file = join(home.dir, 'max.tar.gz');
  await rigOk(max.home, ['max', 'backup', file]);
  await rigOk(home, ['max', 'restore', file]);
  expect(await rigJson(home, ['max', 'backup', join(home.dir, 'again')])).toMatchObject({ changed: 0 });
  const listed = execFileSync('tar', ['tzf', join(home.dir, 'again')], { encoding: 'utf8' });
  for (const name of ['max.db', 'max.key', 'owner-token', 'end.json']) expect(listed).toContain(`${name}\n`);
  expect(listed).not.toMatch(/^(max\.(lock|json|log)|port|tmp)$|\/instances\/|^tmp\/|-wal$/m);
});
