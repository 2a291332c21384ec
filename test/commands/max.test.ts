import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHome, type Home } from '../support/home.ts';
import { RIG, rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';
import { createHomeOf, permissionsUntestable, plainUser } from '../support/user.ts';

interface Up {
  url: string;
  pid: number;
  stateDir: string;
  already: boolean;
}

let home: Home;
beforeEach(() => {
  home = createHome();
});
afterEach(async () => {
  await rigOk(home, ['max', 'down']);
  await home.remove();
});

const up = (...args: string[]): Promise<Up> => rigJson<Up>(home, ['max', 'up', ...args]);
const lastError = (stderr: string) => JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
const failure = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await rig(home, ['max', ...args, '-o', 'json']);
  expect(stdout).toBe('');
  return { exitCode, ...lastError(stderr) };
};
const healthy = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/healthz`).catch(() => undefined);
  return answer?.status === 200;
};

describe('rig max up', () => {
  test('starts Max, says where and what comes next, and goes on when rig has ended', async () => {
    const { stdout, stderr } = await rigOk(home, ['max', 'up']);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout)?.[0] ?? '';
    expect(stdout).toContain(join(home.dir, 'state'));
    expect(stderr).toContain('rig max token | rig login --token-stdin');
    expect(await healthy(url)).toBe(true);
  });

  test('says the same again where it runs already, also to many at once', async () => {
    const all = await Promise.all([up(), up(), up()]);
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
    expect(all.filter(({ already }) => !already)).toHaveLength(1);
    expect(await up()).toMatchObject({ url: all[0]?.url, already: true });
  });

  test('takes the context local over from a Max of this machine that is no more', async () => {
    const first = await rigJson<{ url: string }>(home, ['max', 'up', '--port', '0']);
    await rigOk(home, ['max', 'reset', '--yes']);
    const second = await rigJson<{ url: string }>(home, ['max', 'up', '--port', '0']);
    expect(second.url).not.toBe(first.url);
    expect((await rigOk(home, ['config', 'get', 'contexts.local.server'])).stdout.trim()).toBe(second.url);
  });

  test('makes the context local current only where there is none, and lets it follow to another port', async () => {
    const first = await up();
    expect((await rigOk(home, ['config', 'get', 'context'])).stdout.trim()).toBe('local');
    expect((await rigOk(home, ['config', 'get', 'contexts.local.server'])).stdout.trim()).toBe(first.url);
    await rigOk(home, ['max', 'down']);
    await rigOk(home, ['config', 'set', 'contexts.work.server', 'https://max.example']);
    await rigOk(home, ['config', 'set', 'context', 'work']);
    const second = await up();
    expect((await rigOk(home, ['config', 'get', 'contexts.local.server'])).stdout.trim()).toBe(second.url);
    expect((await rigOk(home, ['config', 'get', 'context'])).stdout.trim()).toBe('work');
    const other = await rigOk(home, ['max', 'up', '--state-dir', 'other']);
    expect(other.stderr).toContain('left alone');
    expect((await rigOk(home, ['config', 'get', 'contexts.local.server'])).stdout.trim()).toBe(second.url);
    await rigOk(home, ['max', 'down', '--state-dir', 'other']);
  });

  test('comes back on the port that it had', async () => {
    delete home.env.RIG_MAX_PORT;
    const { url } = await up('--port', '0');
    await rigOk(home, ['max', 'down']);
    expect((await up()).url).toBe(url);
  });

  test('fails with 5 where the port is taken, and names the program and the way out', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = String((server.address() as AddressInfo).port);
    expect(await failure('up', '--port', port)).toMatchObject({
      exitCode: 5,
      code: 'RIG_PORT_TAKEN',
      message: expect.stringContaining(`process ${process.pid}`),
      hint: expect.stringContaining('--port 0'),
    });
    server.close();
    expect(existsSync(join(home.dir, 'config', 'rig'))).toBe(false);
  });

  test('refuses a folder that is not its own and leaves it alone', async () => {
    mkdirSync(join(home.dir, 'thesis'));
    writeFileSync(join(home.dir, 'thesis', 'a.txt'), 'work');
    for (const command of ['up', 'serve'])
      expect(await failure(command, '--state-dir', 'thesis')).toMatchObject({ exitCode: 1, code: 'RIG_STATE_DIR' });
    expect(await failure('reset', '--yes', '--state-dir', 'thesis')).toMatchObject({
      exitCode: 5,
      code: 'RIG_NOT_STATE_DIR',
    });
    expect(readFileSync(join(home.dir, 'thesis', 'a.txt'), 'utf8')).toBe('work');
  });

  test.each(['x', '70000', '-1', ''])('refuses the port %j', async (port) => {
    expect(await failure('up', `--port=${port}`)).toMatchObject({ exitCode: 2, code: 'RIG_USAGE' });
  });

  test('passes no token of the user on to Max', async () => {
    home.env.RIG_TOKEN = 'max_api_of_somewhere_else';
    const { pid } = await up();
    if (process.platform === 'linux')
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('somewhere_else');
  });
});

describe('rig max down and status', () => {
  test('tell what is there, and end it', async () => {
    expect(await rig(home, ['max', 'status', '-o', 'name'])).toMatchObject({ exitCode: 1, stdout: 'stopped\n' });
    const { url, pid } = await up();
    expect(await rigJson(home, ['max', 'status'])).toMatchObject({ state: 'running', url, pid });
    expect(await rigJson(home, ['max', 'down'])).toMatchObject({ stopped: true, instances: 0 });
    expect(await healthy(url)).toBe(false);
    expect(await rigJson(home, ['max', 'down'])).toMatchObject({ stopped: false });
    expect((await rig(home, ['max', 'status'])).exitCode).toBe(1);
  });

  test('after kill -9 say so, and up brings everything back', async () => {
    const { pid, url } = await up();
    await rigOk(home, ['max', 'token']);
    process.kill(pid, 'SIGKILL');
    await expect.poll(async () => (await rig(home, ['max', 'status', '-o', 'name'])).stdout).toBe('stopped\n');
    expect(await up()).toMatchObject({ already: false });
    expect(await healthy(url)).toBe(false);
  });

  test('tell a Max that is there and does not answer from one that runs', async () => {
    const { pid, url } = await up();
    process.kill(pid, 'SIGSTOP');
    expect(await rig(home, ['max', 'status', '-o', 'name'])).toMatchObject({ exitCode: 1, stdout: 'silent\n' });
    expect(await failure('up')).toMatchObject({
      exitCode: 6,
      code: 'RIG_UNREACHABLE',
      message: expect.stringContaining(url),
    });
    process.kill(pid, 'SIGCONT');
    expect((await rig(home, ['max', 'status'])).exitCode).toBe(0);
  });

  test('never signal a stranger that has the number of a Max that died', async () => {
    const { pid, stateDir } = await up();
    process.kill(pid, 'SIGKILL');
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const file = join(stateDir, 'max.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid: stranger.pid }));
    expect((await rig(home, ['max', 'status', '-o', 'name'])).stdout).toBe('stopped\n');
    expect(await rigJson(home, ['max', 'down'])).toMatchObject({ stopped: false });
    expect(stranger.exitCode).toBeNull();
    expect(stranger.kill(0)).toBe(true);
    stranger.kill('SIGKILL');
  });
});

describe('rig max serve', () => {
  test('runs in the foreground with its log on stderr, and ends at Ctrl-C with 130', async () => {
    const running = spawnRig(home, ['max', 'serve']);
    let stderr = '';
    const url = await new Promise<string>((resolve, reject) => {
      running.stderr?.on('data', (piece) => {
        stderr += piece;
        const found = /serves at (\S+),/.exec(stderr)?.[1];
        if (found !== undefined) resolve(found);
      });
      running.then(() => reject(new Error(stderr)));
    });
    expect(await healthy(url)).toBe(true);
    expect(await rigJson(home, ['max', 'status'])).toMatchObject({ state: 'running', url, pid: running.pid });
    expect(await rigJson(home, ['max', 'up'])).toMatchObject({ already: true, url });
    running.kill('SIGINT');
    expect(await running).toMatchObject({ exitCode: 130, stdout: '' });
    expect(await healthy(url)).toBe(false);
  });
});

describe('rig max token, logs and reset', () => {
  test('fail with 3 where no Max has run, and name the way out', async () => {
    for (const args of [['token'], ['logs'], ['reset', '--yes']])
      expect(await failure(...args)).toMatchObject({
        exitCode: 3,
        code: 'RIG_MAX_NOT_SET_UP',
        hint: expect.stringContaining('rig max up'),
      });
  });

  test("the token is the owner's, alone on stdout, and nowhere else", async () => {
    const { url, stateDir } = await up();
    const { stdout, stderr } = await rigOk(home, ['max', 'token']);
    expect(stdout).toMatch(/^max_api_[\w-]{43}\n$/);
    const authorization = `Bearer ${stdout.trim()}`;
    expect((await fetch(`${url}/v1/whoami`, { headers: { authorization } })).status).toBe(200);
    expect(stderr).not.toContain(stdout.trim());
    expect(readFileSync(join(stateDir, 'max.log'), 'utf8')).not.toContain(stdout.trim());
  });

  test('the log begins with the last lines, ends as a document, and follows', async () => {
    await up();
    await rigOk(home, ['max', 'down']);
    const lines = await rigJson<Array<{ at: string; text: string }>>(home, ['max', 'logs', '--lines', '2']);
    expect(lines).toMatchObject([{ text: expect.stringContaining('max stops') }, { text: 'max has stopped' }]);
    const following = spawnRig(home, ['max', 'logs', '--lines', '0', '-o', 'ndjson']);
    const first = new Promise<string>((resolve) => following.stdout?.once('data', (data) => resolve(String(data))));
    await up();
    expect(JSON.parse((await first).split('\n')[0] ?? '')).toMatchObject({
      text: expect.stringContaining('serves at'),
    });
    following.kill('SIGINT');
    expect((await following).exitCode).toBe(130);
    expect(await failure('logs', '--lines', 'many')).toMatchObject({ exitCode: 2, code: 'RIG_USAGE' });
  });

  test('reset asks, ends Max, and removes what is its own alone', async () => {
    const { stateDir, url } = await up();
    writeFileSync(join(stateDir, 'notes.txt'), 'mine');
    expect(await failure('reset')).toMatchObject({ exitCode: 2, code: 'RIG_NO_TERMINAL' });
    expect(await healthy(url)).toBe(true);
    expect(await rigJson(home, ['max', 'reset', '--yes'])).toMatchObject({ stopped: true });
    expect(await healthy(url)).toBe(false);
    expect(existsSync(join(stateDir, 'max.db'))).toBe(false);
    expect(readFileSync(join(stateDir, 'notes.txt'), 'utf8')).toBe('mine');
  });
});

test.skipIf(permissionsUntestable())('reset removes what an app has made read-only', async () => {
  const user = plainUser();
  const own = createHomeOf(user);
  try {
    const { stateDir } = await rigJson<Up>(own, ['max', 'up'], { user });
    const folder = join(stateDir, 'apps', 'app_x', 'home');
    const script = 'mkdir -p "$0/ro/deep" && touch "$0/ro/deep/file" && chmod -R a-w "$0/ro"';
    execFileSync('sh', ['-c', script, folder], { ...user, cwd: '/' });
    expect(await rigJson(own, ['max', 'reset', '--yes'], { user })).toMatchObject({ stopped: true });
    expect(existsSync(stateDir)).toBe(false);
  } finally {
    await own.remove();
  }
});

test('nothing in the state folder is open to others', async () => {
  const { stateDir } = await up();
  const open = readdirSync(stateDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(stateDir, name))
    .filter((path) => (statSync(path).mode & 0o077) !== 0);
  expect(open).toEqual([]);
});

test('the commands load neither the server nor its database', () => {
  const bundle = readFileSync(join(RIG, '..', '..', '..', 'plugins', 'max', 'dist', 'index.js'), 'utf8');
  expect(bundle).not.toMatch(/from\s*["']libsql["']|require\(["']libsql["']\)/);
  expect(bundle.length).toBeLessThan(100_000);
});
