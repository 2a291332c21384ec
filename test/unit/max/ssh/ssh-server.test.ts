import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasTools } from '../../../support/tools.ts';
import { type SshServerKit, startSshServer } from './ssh-server.ts';

const tools = hasTools('ssh', 'scp', 'sftp', 'rsync');
let kit: SshServerKit;
beforeAll(async () => {
  if (tools) kit = await startSshServer();
});
beforeEach(() => {
  kit.records.length = 0;
});
afterAll(() => kit?.remove());

const lines = (text: Buffer): string[] =>
  text
    .toString()
    .split('\n')
    .filter((line) => line !== '');
const at = (name: string): string => join(kit.folder, name);

/** Waits until something holds that nothing tells of. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe.skipIf(!tools)('a stock ssh', () => {
  test('runs a command in the folder and the environment of the app, and has its exit code and both its streams', async () => {
    const { code, stdout, stderr } = await kit.run('ssh', ['app', 'pwd; echo "$GREETING"; echo aside >&2; exit 7']);
    expect({ code, stdout: lines(stdout), stderr }).toEqual({
      code: 7,
      stdout: [kit.folder, 'from the app'],
      stderr: 'aside\n',
    });
    expect(kit.records).toMatchObject([
      {
        what: 'pwd; echo "$GREETING"; echo aside >&2; exit 7',
        in: 0,
        end: { reason: 'exited', code: 7, signal: null },
      },
    ]);
    expect(kit.records[0]?.out).toBe(stdout.length + stderr.length);
  });

  test('may say its language, and nothing that the app goes by', async () => {
    const set = ['-o', 'SetEnv=GREETING=forged LC_RIG=x'];
    const { stdout } = await kit.run('ssh', [...set, 'app', 'echo "$GREETING"; echo "$LC_RIG"']);
    expect(lines(stdout)).toEqual(['from the app', 'x']);
  });

  test('is told of the signal that ended a command', async () => {
    expect((await kit.run('ssh', ['app', 'kill -TERM $$'])).code).toBe(255);
    expect(kit.records[0]?.end).toMatchObject({ reason: 'exited', code: null, signal: 'SIGTERM' });
  });

  test('pipes bytes in and out as they are, through a change of keys on the way', async () => {
    const bytes = randomBytes(6_000_000);
    const { stdout } = await kit.run('ssh', ['-o', 'RekeyLimit=1M', 'app', 'cat'], bytes);
    expect(stdout.equals(bytes)).toBe(true);
    expect(kit.records).toMatchObject([{ in: bytes.length, out: bytes.length }]);
  });

  test('gets both streams whole though both are more than it takes at once', async () => {
    const command = 'yes out | head -c 9000000 & yes err | head -c 9000000 >&2; wait';
    const { stdout, stderr } = await kit.run('ssh', ['app', command]);
    expect(stdout.equals(Buffer.from('out\n'.repeat(2_250_000)))).toBe(true);
    expect(stderr === 'err\n'.repeat(2_250_000)).toBe(true);
  });

  test('has a terminal where it asks for one', async () => {
    const { code, stdout } = await kit.run('ssh', ['-tt', 'app', 'test -t 0 && test -t 1 && echo "$TERM"; exit 3']);
    expect({ code, text: stdout.toString() }).toEqual({ code: 3, text: `${process.env.TERM ?? 'dumb'}\r\n` });
  });

  test('has a shell without naming a command', async () => {
    const { code, stdout } = await kit.run('ssh', ['-tt', 'app'], 'echo $((40 + 2))\nexit 5\n');
    expect(code).toBe(5);
    expect(stdout.toString()).toContain('42');
    expect(kit.records).toMatchObject([{ what: null, end: { reason: 'exited', code: 5 } }]);
  });

  test('is let in without a key, and refused where the host key is another one', async () => {
    const known = readFileSync(join(kit.folder, '..', 'known_hosts'), 'utf8');
    const other = join(kit.folder, '..', 'other_hosts');
    writeFileSync(
      other,
      known.replace(/AAAA\S+/, 'AAAAC3NzaC1lZDI1NTE5AAAAIPbNqzuLT7WVlXdiXBVeGRPsHs9qgcYyGbnsSMKrUZT0'),
    );
    const { code, stderr } = await kit.run('ssh', ['-o', `UserKnownHostsFile=${other}`, 'app', 'true']);
    expect(code).toBe(255);
    expect(stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
    expect(kit.records).toEqual([]);
  });

  test('is refused an agent and ports of its own machine', async () => {
    const { code, stdout } = await kit.run('ssh', ['-A', 'app', 'echo "[$SSH_AUTH_SOCK]"']);
    expect({ code, text: stdout.toString() }).toEqual({ code: 0, text: '[]\n' });
    const remote = await kit.run('ssh', ['-o', 'ExitOnForwardFailure=yes', '-R', '8080:localhost:1', 'app', 'true']);
    expect(remote.code).toBe(255);
    expect(remote.stderr).toContain('remote port forwarding failed');
  });

  test('takes with it what it has started when its connection is cut', async () => {
    const file = at('pid');
    const running = kit.run('ssh', ['app', `echo $$ > ${file}; exec sleep 600`]);
    await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
    const pid = Number(readFileSync(file, 'utf8'));
    kit.cut();
    expect((await running).code).toBe(255);
    await until(() => !existsSync(`/proc/${pid}`));
    await until(() => kit.records[0]?.end !== undefined);
    expect(kit.records[0]?.end).toMatchObject({ reason: 'exited', code: null });
  });
});

describe.skipIf(!tools)('files', () => {
  const bytes = randomBytes(3_000_000);

  test.each([
    ['by SFTP', []],
    ['by its old protocol', ['-O']],
  ])('scp copies there and back %s', async (_name, more) => {
    const from = join(kit.folder, '..', 'private');
    writeFileSync(from, bytes, { mode: 0o640 });
    expect(await kit.run('scp', ['-p', ...more, from, 'app:there'])).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(at('there')).equals(bytes)).toBe(true);
    expect(statSync(at('there')).mode & 0o777).toBe(0o640);
    expect(await kit.run('scp', ['-p', ...more, 'app:there', `${from}-back`])).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(`${from}-back`).equals(bytes)).toBe(true);
    expect(kit.records.map(({ end }) => end?.code)).toEqual([0, 0]);
  });

  test('sftp does what it can', async () => {
    writeFileSync(join(kit.folder, '..', 'from'), bytes);
    writeFileSync(join(kit.home, 'notes'), 'of the home');
    writeFileSync(at('half'), bytes.subarray(0, 1_000_000));
    const batch = `pwd
mkdir sub
put from sub/a
reput from half
rename sub/a sub/b
chmod 600 sub/b
ln -s b sub/link
ln sub/b sub/hard
ls -l sub
get sub/link got
get ${kit.home}/notes notes
rm sub/b
df -h
`;
    const { code, stdout, stderr } = await kit.run('sftp', ['-b', '-', 'app'], batch);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.toString()).toContain(`Remote working directory: ${kit.folder}\n`);
    expect(stdout.toString()).toMatch(/^-rw------- +2 \S+ +\S+ +3000000 .* b$/m);
    expect(stdout.toString()).toMatch(/^lrwxrwxrwx .* link$/m);
    expect(readFileSync(join(kit.folder, '..', 'got')).equals(bytes)).toBe(true);
    expect(readFileSync(join(kit.folder, '..', 'notes'), 'utf8')).toBe('of the home');
    expect(readFileSync(at('half')).equals(bytes)).toBe(true);
    expect(readdirSync(at('sub')).sort()).toEqual(['hard', 'link']);
    expect(readlinkSync(at('sub/link'))).toBe('b');
  });

  test('sftp is told why not', async () => {
    mkdirSync(at('full/of'), { recursive: true });
    await execa('mkfifo', [at('pipe')], { reject: false });
    const lines = ['ls missing', 'get missing', 'mkdir full', 'rmdir full', 'cd /proc/1/nowhere', 'get pipe'];
    const batch = ['mkdir other', '-rename -l full other', ...lines.map((line) => `-${line}`), ''].join('\n');
    const { code, stderr } = await kit.run('sftp', ['-b', '-', 'app'], batch);
    expect(code).toBe(0);
    for (const why of [
      /Can't ls: .*missing" not found/,
      /File .*missing" not found/,
      /remote mkdir .*: (?:Failure|File exists)/,
      /remote (?:rmdir|delete) .*: (?:Failure|Directory not empty)/,
      /stat remote: No such file/,
      /pipe: not a regular file/,
      /rename .*: (?:Failure|File exists)/,
    ])
      expect(stderr).toMatch(why);
  });

  test('rsync copies a tree, and the second time only what has changed', async () => {
    const tree = join(kit.folder, '..', 'tree');
    mkdirSync(join(tree, 'deep/er'), { recursive: true });
    for (let index = 0; index < 50; index += 1) writeFileSync(join(tree, 'deep', `file ${index}`), `text ${index}`);
    writeFileSync(join(tree, 'deep/er/big'), bytes);
    symlinkSync('big', join(tree, 'deep/er/link'));
    const copy = () =>
      execa('rsync', ['-a', '--itemize-changes', '-e', `ssh -F ${kit.config}`, `${tree}/`, 'app:copy/'], {
        reject: false,
      });
    const first = await copy();
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout.split('\n').filter((line) => line.startsWith('<f'))).toHaveLength(51);
    expect(readFileSync(at('copy/deep/er/big')).equals(bytes)).toBe(true);
    expect(readlinkSync(at('copy/deep/er/link'))).toBe('big');
    expect((await copy()).stdout).toBe('');
    writeFileSync(join(tree, 'deep/file 7'), 'changed!');
    expect((await copy()).stdout.split('\n').filter((line) => line.startsWith('<f'))).toHaveLength(1);
  });
});

describe.skipIf(!tools)('ports', () => {
  test('ssh reaches a port of the machine, each side ending by itself', async () => {
    // Answers only when all was said.
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let size = 0;
      socket.on('data', (piece) => {
        size += piece.length;
      });
      socket.on('end', () => socket.end(`${size} bytes\n`));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await kit.run('ssh', ['-W', `localhost:${port}`, 'app'], randomBytes(1_000_000));
    expect({ code, text: stdout.toString() }).toEqual({ code: 0, text: '1000000 bytes\n' });
    await until(() => kit.records[0]?.end !== undefined);
    expect(kit.records).toMatchObject([
      { what: `localhost:${port}`, in: 1_000_000, out: 14, end: { reason: 'exited' } },
    ]);
    server.close();
  });

  test.each([
    ['localhost:1', 'connect ECONNREFUSED 127.0.0.1:1'],
    ['192.0.2.1:80', '192.0.2.1 is not localhost, which alone is reached from here'],
  ])('and is refused %s with the reason, where nobody listens or that is no place here', async (to, why) => {
    const { code, stderr } = await kit.run('ssh', ['-o', 'LogLevel=INFO', '-W', to, 'app']);
    expect(code).toBe(255);
    expect(stderr).toContain(`open failed: connect failed: ${why}`);
  });
});
