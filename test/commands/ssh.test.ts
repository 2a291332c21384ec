import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AuditEntry, Session } from '@rig/plugin-api/max';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, deploy, writeNodeApp } from '../support/app.ts';
import { ChaosProxy } from '../support/chaos-proxy.ts';
import { expectFailure, expectText, records } from '../support/failure.ts';
import { createHome } from '../support/home.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigInTerminal } from '../support/pty.ts';
import { startRaw } from '../support/raw-rig.ts';
import { RIG, rig, rigJson, rigOk } from '../support/rig.ts';
import { openTerminal } from '../support/terminal.ts';
import { hasTools } from '../support/tools.ts';

const tools = hasTools('ssh', 'scp', 'sftp', 'rsync');
let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
  await deploy(max, 'api.shop', await writeNodeApp(join(max.home.dir, 'app'), answering('hello')));
});
afterAll(() => max?.stop());

const config = (): string => join(max.home.dir, '.ssh', 'config');
const knownHosts = (): string => join(max.home.dir, 'data', 'rig', 'ssh', 'known_hosts');

/** Runs a stock program with the configuration that rig wrote; ssh itself looks for it by the system's list of users. */
async function stock(program: string, args: string[], input?: string | Buffer) {
  const { exitCode, stdout, stderr } = await execa(program, ['-F', config(), ...args], {
    cwd: max.home.dir,
    env: max.home.env,
    extendEnv: false,
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    timeout: 60_000,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  });
  return { code: exitCode, stdout: Buffer.from(stdout ?? []), stderr: Buffer.from(stderr ?? []).toString() };
}

async function ask(method: string, path: string, json?: unknown) {
  const answer = await fetch(`${max.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  return (await answer.json()) as never;
}

describe('rig ssh config', () => {
  test('writes one block at the top, once, and takes it out again to the byte', async () => {
    const own = Buffer.from(
      '# caf\xe9, in an old encoding\r\nServerAliveInterval 60\n\nHost other\n  User me',
      'latin1',
    );
    rmSync(join(max.home.dir, '.ssh'), { recursive: true, force: true });
    mkdirSync(join(max.home.dir, '.ssh'), { mode: 0o700 });
    const real = join(max.home.dir, 'dotfiles-ssh');
    writeFileSync(real, own, { mode: 0o640 });
    symlinkSync('../dotfiles-ssh', config());
    const written = await rigJson<{ change: string; hosts: string[]; block: string }>(max.home, ['ssh', 'config']);
    expect(written).toMatchObject({ change: 'written', hosts: ['*.shop.rig', '*.shop'] });
    const text = readFileSync(config());
    expect(text.toString('latin1')).toBe(`${written.block}\n${own.toString('latin1')}`);
    expect(written.block).toMatch(/^# BEGIN rig\n[\s\S]*\nHost \*\n# END rig\n$/);
    expect((await rigJson<{ change: string }>(max.home, ['ssh', 'config'])).change).toBe('unchanged');
    expect(readFileSync(config())).toEqual(text);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(readlinkSync(config())).toBe('../dotfiles-ssh');
    expect((await rigOk(max.home, ['ssh', 'config', '--remove'])).stdout).toContain('taken out');
    expect(readFileSync(config())).toEqual(own);
    expect((await rigOk(max.home, ['ssh', 'config', '--remove'])).stdout).toContain('is not in');
  });

  test('keeps the part of each context, and brings its own up to date', async () => {
    await rigOk(max.home, ['ssh', 'config']);
    const login = ['login', '--context', 'second', '--server', max.url, '--token-stdin'];
    await rigOk(max.home, login, { input: max.token });
    await rigOk(max.home, ['ssh', 'config', '--context', 'second', '--long-names']);
    // What follows is the user's own.
    const block = () => readFileSync(config(), 'utf8').split('# END rig')[0] ?? '';
    const both = block();
    expect(both.match(/^# Context: .*$/gm)).toEqual(['# Context: local', '# Context: second']);
    expect(both.match(/^Host .*$/gm)).toEqual(['Host *.shop.rig *.shop !*.*.shop', 'Host *.shop.rig', 'Host *']);
    await rigOk(max.home, ['create', 'network', 'blog', '--context', 'local']);
    await rigOk(max.home, ['ssh', 'config', '--context', 'local']);
    const hosts = block().match(/^Host .*$/gm);
    expect(hosts).toEqual([
      'Host *.blog.rig *.blog !*.*.blog',
      'Host *.shop.rig *.shop !*.*.shop',
      'Host *.shop.rig',
      'Host *',
    ]);
    await rigOk(max.home, ['ssh', 'config', '--remove']);
    expect(existsSync(knownHosts())).toBe(false);
    await rigOk(max.home, ['delete', 'network', 'blog', '--yes', '--context', 'local']);
  });

  test('prints the block and leaves the file alone; makes the folder and the file for you alone', async () => {
    const home = createHome();
    Object.assign(home.env, { ...max.home.env, HOME: home.dir });
    const file = join(home.dir, '.ssh', 'config');
    const { stdout } = await rigOk(home, ['ssh', 'config', '--print', '--context', 'local']);
    expect(stdout).toMatch(/^# BEGIN rig\n[\s\S]*ProxyCommand \S+ \S+rig\.cjs ssh proxy --context local '%h'\n/);
    expect(existsSync(file)).toBe(false);
    await rigOk(home, ['ssh', 'config', '--context', 'local']);
    expect(readFileSync(file, 'utf8')).toBe(stdout);
    expect([statSync(file).mode & 0o777, statSync(join(home.dir, '.ssh')).mode & 0o777]).toEqual([0o600, 0o700]);
    await home.remove();
  });

  test('changes nothing in a file that it does not understand or cannot read', async () => {
    const home = createHome();
    Object.assign(home.env, { ...max.home.env, HOME: home.dir });
    mkdirSync(join(home.dir, '.ssh'));
    const file = join(home.dir, '.ssh', 'config');
    writeFileSync(file, '# BEGIN rig\nHost x\n');
    const args = ['ssh', 'config', '--context', 'local'];
    const broken = { code: 'RIG_SSH_CONFIG_BROKEN', exitCode: 5, message: /END rig" 0 times/, hint: /by hand/ };
    await expectFailure(home, args, broken);
    expect(readFileSync(file, 'utf8')).toBe('# BEGIN rig\nHost x\n');
    const folder = createHome();
    Object.assign(folder.env, { ...max.home.env, HOME: folder.dir });
    mkdirSync(join(folder.dir, '.ssh', 'config'), { recursive: true });
    const unreadable = { code: 'RIG_SSH_CONFIG_FILE', exitCode: 1, message: /is a folder/, hint: /--print/ };
    await expectFailure(folder, args, unreadable);
    const useless = { code: 'RIG_BAD_OPTION', exitCode: 2, message: /--remove/, hint: /leave out/ };
    await expectFailure(folder, [...args, '--remove', '--print'], useless);
    await home.remove();
    await folder.remove();
  });
});

test.each([
  ['SIGTERM', 143, 'http'],
  ['SIGINT', 130, 'socket'],
  ['SIGHUP', 129, 'socket'],
] as const)('%s ends rig ssh proxy with %i and no word also where its %s hangs, and nothing stays', async (...on) => {
  const [signal, code, kind] = on;
  const chaos = await ChaosProxy.to(max.port);
  try {
    chaos.rule(kind, { blackHole: true });
    const env = { RIG_SERVER: chaos.url, RIG_TOKEN: max.token };
    const { child, ended } = startRaw(max.home, ['ssh', 'proxy', 'api.shop'], { env });
    await chaos.opened(kind);
    child.kill(signal);
    expect(await ended).toMatchObject({ code, stderr: '' });
    const open = async () => (await ask('GET', '/v1/sessions?kind=ssh&state=running')) as { items: Session[] };
    // Those of the tests before may still be ending; Max itself would end this one after a minute.
    while ((await open()).items.length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    await chaos.close();
  }
});

describe.skipIf(!tools)('a stock client', () => {
  const bytes = randomBytes(2_000_000);
  beforeAll(() => rigOk(max.home, ['ssh', 'config', '--context', 'local']));

  test('ssh runs a command in the app, and a shell on a terminal', async () => {
    const { code, stdout, stderr } = await stock(
      'ssh',
      ['api.shop', 'cat; echo "$MAX_APP.$MAX_NETWORK" >&2; exit 7'],
      bytes,
    );
    expect({ code, stderr }).toEqual({ code: 7, stderr: 'api.shop\n' });
    expect(stdout.equals(bytes)).toBe(true);
    const shell = await stock('ssh', ['-tt', 'web.1.api.shop.rig'], 'stty size; echo "in $MAX_INSTANCE"; exit 5\n');
    expect(shell.code).toBe(5);
    expect(shell.stdout.toString()).toContain('in web.1\r\n');
  });

  test('scp, sftp and rsync bring files there and back', async () => {
    const from = join(max.home.dir, 'tree', 'from');
    mkdirSync(join(max.home.dir, 'tree', 'sub'), { recursive: true });
    writeFileSync(from, bytes);
    for (const more of [[], ['-O']]) {
      expect(await stock('scp', [...more, from, 'api.shop:there'])).toMatchObject({ code: 0, stderr: '' });
      expect(await stock('scp', [...more, 'api.shop:there', `${from}-back`])).toMatchObject({ code: 0, stderr: '' });
      expect(readFileSync(`${from}-back`).equals(bytes)).toBe(true);
    }
    const batch = `ls there\nget there ${from}-got\nrm there\n`;
    expect(await stock('sftp', ['-b', '-', 'api.shop'], batch)).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(`${from}-got`).equals(bytes)).toBe(true);
    const sync = () =>
      execa('rsync', ['-a', '-i', '-e', `ssh -F ${config()}`, join(max.home.dir, 'tree/'), 'api.shop:copy/'], {
        env: max.home.env,
        extendEnv: false,
      });
    expect((await sync()).stdout.split('\n').filter((line) => line.startsWith('<f'))).toHaveLength(3);
    expect((await sync()).stdout).toBe('');
  });

  test("ssh reaches the app's own port", async () => {
    const { port } = (
      await rigJson<{ instances: Array<{ port: number }> }>(max.home, [
        'status',
        'app',
        'api.shop',
        '--context',
        'local',
      ])
    ).instances[0] ?? { port: 0 };
    const request = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const { code, stdout } = await stock('ssh', ['-W', `localhost:${port}`, 'api.shop'], request);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(/^HTTP\/1\.1 200 [\s\S]*hello$/m);
  });

  test('what it leaves in the background ends with its connection', async () => {
    const { stdout } = await stock('ssh', ['api.shop', 'setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $!']);
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(1);
    while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 50));
  });

  test('Ctrl-C is not for rig ssh proxy; ssh ends it by a signal, and nobody hears of it', async () => {
    const child = execa(process.execPath, [RIG, 'ssh', 'proxy', 'api.shop', '--context', 'local'], {
      env: max.home.env,
      extendEnv: false,
      reject: false,
    });
    await once(child.stdout as never, 'data');
    const open = async () =>
      ((await ask('GET', '/v1/sessions')) as { items: Session[] }).items.filter(({ state }) => state === 'running');
    // Those of the tests before may still be ending.
    const own = (await open()).find(({ attached }) => attached);
    expect(own).toBeDefined();
    for (let count = 0; count < 5; count += 1) child.kill('SIGINT');
    child.kill('SIGHUP');
    expect(await child).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await open()).map(({ id }) => id)).not.toContain(own?.id);
  });

  test('on a terminal that ssh has made raw, each line of an error begins at its beginning', async () => {
    const screen = openTerminal('ssh', ['-F', config(), 'api.shop'], { env: max.home.env });
    await screen.shows('api.shop web.1');
    const { items } = (await ask('GET', '/v1/sessions?kind=ssh&state=running')) as { items: Session[] };
    // The newest: connections of tests before may still be ending.
    const own = items.filter(({ attached }) => attached).at(-1);
    await ask('DELETE', `/v1/sessions/${own?.id}`);
    await screen.ended;
    expect(screen.rows()).toContainEqual(expect.stringMatching(/^hint: begin another/));
  });

  test('each of these is in the audit, beside its connection, without a word of a secret', async () => {
    await rigOk(max.home, ['create', 'var', 'PASSWORD=sesame-and-more', '--app', 'api.shop', '--context', 'local']);
    await stock('ssh', ['api.shop', 'echo sesame-and-more >/dev/null; exit 3']);
    const { items } = (await ask('GET', '/v1/audit?limit=2')) as { items: AuditEntry[] };
    const [inner, connection] = items;
    expect(inner).toMatchObject({ action: 'ssh', app: 'api', instance: 'web.1', end: { reason: 'exited', code: 3 } });
    expect(inner?.what).toMatch(/^echo \S+ >\/dev\/null; exit 3$/);
    expect(connection).toMatchObject({ action: 'ssh', what: null, session: inner?.session, end: { reason: 'exited' } });
    expect(JSON.stringify(items)).not.toContain('sesame');
  });

  test('servers that the environment alone names stand side by side, and go one by one', async () => {
    const home = createHome();
    Object.assign(home.env, {
      ...max.home.env,
      HOME: home.dir,
      XDG_DATA_HOME: join(home.dir, 'own'),
      RIG_TOKEN: max.token,
    });
    const file = join(home.dir, '.ssh', 'config');
    const at = (host: string) => ({ env: { RIG_SERVER: `http://${host}:${max.port}` } });
    const [one, other] = [at('127.0.0.1'), at('localhost')];
    const ssh = () =>
      execa('ssh', ['-F', file, 'api.shop', 'true'], { env: home.env, extendEnv: false, reject: false });
    for (const server of [one, other]) await rigOk(home, ['ssh', 'config'], server);
    const aliases = (): unknown[] =>
      [...readFileSync(file, 'utf8').matchAll(/HostKeyAlias (.*)/g)].map(([, name]) => name);
    expect(aliases()).toEqual([`rig@127.0.0.1:${max.port}`, `rig@localhost:${max.port}`]);
    // What the environment says now leads nowhere.
    home.env.RIG_SERVER = 'http://127.0.0.1:1';
    expect(await ssh()).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await rigOk(home, ['ssh', 'config', '--remove'], one)).stdout).toContain(`http://127.0.0.1:${max.port}`);
    expect(aliases()).toEqual([`rig@localhost:${max.port}`]);
    expect(await ssh()).toMatchObject({ exitCode: 0, stderr: '' });
    await rigOk(home, ['ssh', 'config', '--remove'], other);
    expect(readFileSync(file, 'utf8')).toBe('');
    await home.remove();
  });

  test('is refused where the host key is another one, until it is set up anew', async () => {
    const known = readFileSync(knownHosts(), 'utf8');
    writeFileSync(
      knownHosts(),
      known.replace(/AAAA\S+/, 'AAAAC3NzaC1lZDI1NTE5AAAAIPbNqzuLT7WVlXdiXBVeGRPsHs9qgcYyGbnsSMKrUZT0'),
    );
    const refused = await stock('ssh', ['api.shop', 'true']);
    expect(refused.code).toBe(255);
    expect(refused.stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
    const { stderr } = await rigOk(max.home, ['ssh', 'config', '--context', 'local', '-o', 'json']);
    expect(records(stderr)).toMatchObject([{ level: 'warning', code: 'RIG_HOST_KEY_CHANGED' }]);
    expect(readFileSync(knownHosts(), 'utf8')).toBe(known);
    expect((await stock('ssh', ['api.shop', 'true'])).code).toBe(0);
  });

  test.each([
    ['nothing.shop', /no app "nothing".*RIG_APP_NOT_FOUND/],
    ['web.7.api.shop.rig', /no instance "web.7".*RIG_INSTANCE_NOT_FOUND/],
    ['a.b.c.d.shop.rig', /names no app.*RIG_BAD_HOST/],
  ])('ssh %s says why not', async (host, why) => {
    const { code, stderr } = await stock('ssh', [host, 'true']);
    expect(code).toBe(255);
    expect(stderr).toMatch(why);
  });

  test('a token that may not open a shell is told so, by every way', async () => {
    const made = (await ask('POST', '/v1/tokens', { name: 'ci', scopes: ['read', 'deploy'] })) as { token: string };
    const env = { RIG_TOKEN: made.token, RIG_SERVER: max.url };
    const failure = { code: 'RIG_FORBIDDEN', exitCode: 4, message: /"?shell"?/, hint: /token|scope/ };
    await expectFailure(max.home, ['ssh', 'config'], failure, { env });
    expectText(await rig(max.home, ['forward', '80', '--app', 'api.shop'], { env }), failure);
    const proxied = await rig(max.home, ['ssh', 'proxy', 'api.shop'], { env, input: '' });
    expect(proxied).toMatchObject({ exitCode: 4, stdout: '' });
    expect(proxied.stderr).toMatch(/shell.*RIG_FORBIDDEN/);
  });

  test('rig ssh proxy is not for people', async () => {
    const { exitCode, screen } = await rigInTerminal(max.home, ['ssh', 'proxy', 'api.shop'], { columns: 200 }).ended;
    expect(exitCode).toBe(2);
    expect(screen).toContain('RIG_PROXY_TERMINAL');
    expect(screen).toContain('rig ssh config');
  });
});
