import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Session } from '@rig/plugin-api/max';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploy, writeTree } from '../support/app.ts';
import { ChaosProxy, CUT_KINDS } from '../support/chaos-proxy.ts';
import { ChaosRandom } from '../support/chaos-random.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigInTerminal } from '../support/pty.ts';
import { startRaw } from '../support/raw-rig.ts';
import { RIG, rig, rigJson, rigOk } from '../support/rig.ts';
import { saidError } from '../support/said-error.ts';

const SECRET = 'correct-horse-battery';
let max: RunningMax;

beforeAll(async () => {
  max = await startMax();
  const dir = await writeTree(join(max.home.dir, 'app'), {
    Procfile: 'worker: sleep 1000000',
    'data.txt': 'no program',
  });
  await rigOk(max.home, ['create', 'network', 'shop']);
  await rigOk(max.home, ['create', 'app', 'api', '--network', 'shop']);
  await rigOk(max.home, ['create', 'secret', 'KEY', '--value-stdin', '--app', 'api.shop'], { input: SECRET });
  await deploy(max, 'api.shop', dir);
  await rigOk(max.home, ['scale', 'app', 'api.shop', 'worker=3']);
}, 120_000);
afterAll(() => max?.stop());

const on = ['command', '--app', 'api.shop'];
const run = (...words: string[]): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }> =>
  rig(max.home, [...on, '--', ...words]);

/** Commands that run now, of a program. */
const running = async (program: string): Promise<Session[]> => {
  const query = 'kind=command&state=running';
  const headers = { authorization: `Bearer ${max.token}` };
  const answer = await fetch(`${max.url}/v1/sessions?${query}`, { headers });
  const { items } = (await answer.json()) as { items: Session[] };
  return items.filter(({ argv }) => argv?.includes(program) === true);
};

/** Bytes that a seed repeats. */
function seeded(length: number): Buffer {
  const random = new ChaosRandom(20_261_122);
  const bytes = Buffer.alloc(length);
  for (let i = 0; i + 4 <= length; i += 4) bytes.writeUInt32LE(Math.floor(random.next() * 0x1_0000_0000), i);
  return bytes;
}

test('a program runs in the app, its streams apart, and its exit code is that of rig', async () => {
  const result = await run('sh', '-c', 'cat data.txt; echo "$MAX_APP $MAX_INSTANCE" >&2; exit 3');
  expect(result).toMatchObject({ stdout: 'no program', stderr: 'api worker.1\n', exitCode: 3 });
  expect((await run('sh', '-c', 'kill -KILL $$')).exitCode).toBe(137);
  expect((await run('./data.txt')).exitCode).toBe(126);
  const missing = await run('nosuch');
  expect([missing.exitCode, missing.stderr]).toEqual([127, expect.stringContaining('nosuch: no such program')]);
});

test('every word after -- is the program’s, whatever it looks like', async () => {
  const words = ['', ' a  b', '-x', '--', '--app', '-o', 'json', 'line\nend', '"$HOME"', 'ünïcode', '--help'];
  const print = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
  const { stdout } = await run('node', '-e', print, '--', ...words);
  expect(JSON.parse(stdout)).toEqual(words);
});

test('five million bytes go there and back as they are', async () => {
  const bytes = seeded(5_000_000);
  const { stdout, code } = await startRaw(max.home, [...on, '--', 'cat'], { input: bytes }).ended;
  expect(code).toBe(0);
  expect(stdout.equals(bytes)).toBe(true);
});

test('bytes survive a connection that is cut again and again', async () => {
  const proxy = await ChaosProxy.to(max.port);
  try {
    const bytes = seeded(3_000_000);
    const env = { RIG_SERVER: `http://127.0.0.1:${proxy.port}`, RIG_TOKEN: max.token };
    const copy = startRaw(max.home, [...on, '--', 'cat'], { input: bytes, env });
    let came = 0;
    copy.child.stdout?.on('data', (part: Buffer) => {
      came += part.length;
      if (proxy.cuts < 4 && came > (proxy.cuts + 1) * 500_000) proxy.cut('socket', proxy.random.pick(CUT_KINDS));
    });
    const { stdout, stderr, code } = await copy.ended;
    expect([code, stdout.length], stderr).toEqual([0, bytes.length]);
    expect(stdout.equals(bytes)).toBe(true);
    expect(proxy.cuts).toBe(4);
  } finally {
    await proxy.close();
  }
});

test('a reader that has seen enough ends the program, quietly', async () => {
  const yes = startRaw(max.home, [...on, '--', 'sh', '-c', 'echo $$; exec yes'], { input: '' });
  await yes.says('y\n');
  yes.child.stdout?.destroy();
  const { code, stderr, stdout } = await yes.ended;
  expect([code, stderr]).toEqual([0, '']);
  const pid = Number(stdout.toString().split('\n')[0]);
  const looks = await run(
    'sh',
    '-c',
    `for i in 1 2 3 4 5 6 7 8 9; do kill -0 ${pid} 2>/dev/null || exit 0; sleep 0.2; done; exit 1`,
  );
  expect(looks.exitCode).toBe(0);
});

test('Ctrl-C goes to the program, which may make of it what it likes; a second one ends it', async () => {
  const trap = "trap 'echo caught' INT; echo ready; while :; do sleep 0.05; done";
  const running = startRaw(max.home, [...on, '--', 'sh', '-c', trap]);
  await running.says('ready');
  running.child.kill('SIGINT');
  await running.says('caught');
  running.child.kill('SIGINT');
  const { code, stderr } = await running.ended;
  expect([code, stderr]).toEqual([130, expect.stringContaining('interrupted; the command in api.shop was ended')]);
  // One that takes its time is no Max that does not answer.
  const slow = "trap 'echo caught' INT; trap 'sleep 4; exit' TERM; echo ready; while :; do sleep 0.05; done";
  const lasting = startRaw(max.home, [...on, '--', 'sh', '-c', slow]);
  await lasting.says('ready');
  lasting.child.kill('SIGINT');
  await lasting.says('caught');
  lasting.child.kill('SIGINT');
  expect(await lasting.ended).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('the command in api.shop has not ended yet: Max ends it within a minute'),
  });
  const plain = startRaw(max.home, [...on, '--', 'sh', '-c', 'echo ready; exec sleep 1000']);
  await plain.says('ready');
  plain.child.kill('SIGINT');
  expect((await plain.ended).code).toBe(130);
  const term = startRaw(max.home, [...on, '--', 'sh', '-c', 'echo ready; exec sleep 1000']);
  await term.says('ready');
  term.child.kill('SIGTERM');
  expect((await term.ended).code).toBe(143);
});

test.each([
  ['SIGTERM', 143, 'http', 'table', [...on, '--', 'sleep', '1000'], 'interrupted; Max has not answered'],
  ['SIGINT', 130, 'socket', 'ndjson', [...on, '--', 'sleep', '1000'], 'interrupted; the command in api.shop was ended'],
  ['SIGTERM', 143, 'http', 'json', ['command', 'attach', 'ses_1'], '"message":"interrupted"'],
] as const)(
  '%s ends it with %i also where its %s hangs, with -o %s, and nothing stays behind',
  async (signal, code, kind, form, [command, ...words], said) => {
    const proxy = await ChaosProxy.to(max.port);
    try {
      proxy.rule(kind, { blackHole: true });
      const env = { RIG_SERVER: proxy.url, RIG_TOKEN: max.token };
      const hanging = startRaw(max.home, [command, '-o', form, ...words], { env });
      await proxy.opened(kind);
      hanging.child.kill(signal);
      expect(await hanging.ended).toMatchObject({ code, stderr: expect.stringContaining(said) });
      expect(await running('sleep')).toEqual([]);
    } finally {
      await proxy.close();
    }
  },
);

test('on a terminal colours stay, and nothing else drives it; lines that are typed go to the program', async () => {
  const colours = rigInTerminal(max.home, [
    ...on,
    '--no-stdin',
    '--',
    'printf',
    '\\033[31mred\\033[0m \\033]0;owned\\007\\033[2Jx\\n',
  ]);
  const shown = await colours.ended;
  expect(shown.screen).toContain('\x1b[31mred\x1b[0m \\x1b]0;owned\\x07\\x1b[2Jx');
  expect(shown.screen).not.toContain('\x1b]0;');
  expect(shown.screen).toContain('runs in a shell: rig shell --app api.shop');
  const typed = rigInTerminal(max.home, [
    ...on,
    '--',
    'sh',
    '-c',
    'echo ready; read line; echo "got $line"; cat; exit 4',
  ]);
  await typed.shows('ready');
  typed.type('hello\n');
  await typed.shows('got hello');
  typed.type('\x04');
  expect((await typed.ended).exitCode).toBe(4);
});

test('with -o json one document tells all; what is no UTF-8 is base64', async () => {
  const result = await rig(max.home, [
    ...on,
    '-o',
    'json',
    '--',
    'sh',
    '-c',
    "printf '\\377\\376'; echo é >&2; kill -TERM $$",
  ]);
  expect(result.exitCode).toBe(143);
  expect(JSON.parse(result.stdout)).toMatchObject({
    stdout: Buffer.from([0xff, 0xfe]).toString('base64'),
    stderr: 'é\n',
    encoding: { stdout: 'base64', stderr: 'utf8' },
    ...{ exitCode: 143, signal: 'SIGTERM', release: 1, instance: 'worker.1', reason: 'exited' },
    durationMs: expect.any(Number),
  });
  const much = await rig(max.home, [...on, '-o', 'json', '--', 'head', '-c', '40000000', '/dev/zero']);
  expect(saidError('too much', much)).toMatchObject({ code: 'RIG_OUTPUT_TOO_LARGE', exitCode: 1 });
});

test('with -o ndjson each line comes as it is written, and the end is the last record', async () => {
  const waiting = startRaw(max.home, [
    ...on,
    '-o',
    'ndjson',
    '--',
    'sh',
    '-c',
    'echo one; read line; printf two >&2; exit 5',
  ]);
  await waiting.says('one');
  waiting.child.stdin?.end('go\n');
  const { stdout, code } = await waiting.ended;
  const records = stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(5);
  expect(records).toMatchObject([
    { stream: 'stdout', instance: 'worker.1', text: 'one' },
    { stream: 'stderr', text: 'two', newline: false },
    { end: 'exited', exitCode: 5, signal: null, release: 1 },
  ]);
});

test('--all runs on every instance, each line with its name, and ends with the highest code', async () => {
  const script = 'echo "in $MAX_INSTANCE"; [ "$MAX_INSTANCE" = worker.2 ] && exit 6; exit 0';
  const all = await rig(max.home, [...on, '--all', '--', 'sh', '-c', script], { input: 'unread' });
  expect(all.exitCode).toBe(6);
  const lines = [1, 2, 3].map((n) => `worker.${n} | in worker.${n}`);
  expect(all.stdout.trim().split('\n').sort()).toEqual(lines);
  expect(all.stderr).toBe('3 instances: 2 exit 0 (worker.1, worker.3), 1 exit 6 (worker.2)\n');
  const json = await rig(max.home, [...on, '--all', '-o', 'json', '--', 'sh', '-c', script]);
  expect(json.exitCode).toBe(6);
  expect(JSON.parse(json.stdout)).toMatchObject([
    { exitCode: 0 },
    { exitCode: 6, instance: 'worker.2' },
    { exitCode: 0 },
  ]);
  const records = await rig(max.home, [...on, '--all', '-o', 'ndjson', '--', 'sh', '-c', script]);
  expect(records.stdout.match(/"end":"exited"/g)?.length).toBe(3);
});

test('what fails on one instance is told of that one, and the others end in their own time', async () => {
  const go = join(max.home.dir, 'go');
  const script = `echo begun; until [ -e ${go} ]; do sleep 0.05; done; echo done`;
  const all = (...more: string[]): string[] => [...on, '--all', ...more, '--', 'sh', '-c', script];
  const runs = [
    startRaw(max.home, all('-o', 'ndjson')),
    startRaw(max.home, all('-o', 'json')),
    startRaw(max.home, all()),
  ] as const;
  await Promise.all([runs[0], runs[2]].map((run) => run.says('worker.3')));
  while ((await running(script)).length < 9) await delay(20);
  // Somebody else takes over what runs on the second instance.
  const taken = (await running(script)).filter(({ instance }) => instance === 'worker.2');
  const takers = taken.map(({ id }) => startRaw(max.home, ['command', 'attach', id]));
  await runs[0].says('RIG_SESSION_TAKEN');
  await Promise.all(takers.map((taker) => taker.says('begun')));
  await writeFile(go, '');
  const [records, document, lines] = await Promise.all(runs.map((run) => run.ended));
  expect([records?.code, document?.code, lines?.code]).toEqual([5, 5, 5]);
  const said = records?.stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(said).toContainEqual({
    instance: 'worker.2',
    error: expect.objectContaining({ code: 'RIG_SESSION_TAKEN', exitCode: 5 }),
  });
  expect(
    said
      ?.filter(({ end }) => end === 'exited')
      .map(({ instance }) => instance)
      .sort(),
  ).toEqual(['worker.1', 'worker.3']);
  expect(JSON.parse(String(document?.stdout))).toMatchObject([
    { stdout: 'begun\ndone\n', exitCode: 0 },
    { stdout: 'begun\n', instance: 'worker.2', error: { code: 'RIG_SESSION_TAKEN' } },
    { stdout: 'begun\ndone\n', exitCode: 0 },
  ]);
  expect(lines?.stdout.toString().match(/done/g)?.length).toBe(2);
  expect(lines?.stderr).toContain('worker.2 | error:');
  expect(lines?.stderr).toContain('2 exit 0 (worker.1, worker.3), 1 RIG_SESSION_TAKEN (worker.2)');
  for (const taker of takers) expect((await taker.ended).code).toBe(0);
});

test('--timeout ends it with exit code 7; what it wrote until then is there', async () => {
  const late = await rig(max.home, [...on, '--timeout', '1s', '--', 'sh', '-c', 'echo begun; exec sleep 1000']);
  expect(late).toMatchObject({
    stdout: 'begun\n',
    exitCode: 7,
    stderr: expect.stringContaining('RIG_SESSION_TIMEOUT'),
  });
  const json = await rig(max.home, [
    ...on,
    '--timeout',
    '1s',
    '-o',
    'json',
    '--',
    'sh',
    '-c',
    'echo begun; exec sleep 1000',
  ]);
  expect([json.exitCode, JSON.parse(json.stdout)]).toMatchObject([7, { stdout: 'begun\n', reason: 'timeout' }]);
});

test.skipIf(process.platform !== 'linux')(
  'standard input that cannot be read ends the program: half of it must not pass for all',
  async () => {
    const withInput = (file: string, ...args: string[]) => {
      const stdin = openSync(file, 'r');
      const { home } = max;
      const options = { cwd: home.dir, env: home.env, stdio: [stdin, 'pipe', 'pipe'], encoding: 'utf8' } as const;
      const { status, stderr } = spawnSync(process.execPath, [RIG, ...args], { ...options, stdio: [...options.stdio] });
      closeSync(stdin);
      return [status, stderr];
    };
    // A file of which nothing can be read from its beginning on, and a folder.
    for (const file of ['/proc/self/mem', max.home.dir])
      expect(withInput(file, ...on, '--', 'cat')).toEqual([1, expect.stringContaining('RIG_STDIN_FAILED')]);
    const secret = withInput(max.home.dir, 'create', 'secret', 'KEY', '--value-stdin', '--app', 'api.shop');
    expect(secret).toEqual([2, expect.stringContaining('it is a folder (RIG_BAD_VALUE)')]);
  },
);

test('what is typed wrong is said before anything runs', async () => {
  const fails = async (...words: string[]) =>
    saidError(words.join(' '), await rig(max.home, ['command', '-o', 'json', ...words]));
  expect(await fails('ls')).toMatchObject({ code: 'RIG_USAGE', hint: expect.stringContaining('rig command -- ls;') });
  expect(await fails('--app', 'api.shop', '--instance', 'web.1', '--no-stdin', 'ls', 'a b')).toMatchObject({
    code: 'RIG_USAGE',
    hint: expect.stringContaining("rig command --app api.shop --instance web.1 --no-stdin -- ls 'a b';"),
  });
  expect(await fails('ls', '-l')).toMatchObject({ code: 'RIG_USAGE', message: expect.stringContaining('after --') });
  expect((await fails('--app', 'api.shop')).code).toBe('RIG_USAGE');
  expect((await fails('--app', 'api.shop', '--')).hint).toBe('for example: rig command --app api.shop -- ls -l');
  expect((await fails('--timeout', 'soon', '--', 'ls')).code).toBe('RIG_BAD_OPTION');
  expect((await fails('--instance', 'web', '--', 'ls')).code).toBe('RIG_BAD_OPTION');
  expect((await fails('--all', '--instance', 'web.1', '--', 'ls')).code).toBe('RIG_BAD_OPTION');
  expect((await fails('--all', '--stdin', '--', 'ls')).code).toBe('RIG_BAD_OPTION');
  expect((await fails('--app', 'none.shop', '--', 'ls')).exitCode).toBe(3);
  expect((await fails('--app', 'api.shop', '--instance', 'web.9', '--', 'ls')).code).toBe('RIG_INSTANCE_NOT_FOUND');
  const name = await rig(max.home, [...on, '-o', 'name', '--', 'ls']);
  expect([name.exitCode, name.stderr]).toEqual([2, expect.stringContaining('RIG_FORMAT_UNSUPPORTED')]);
});

test('a token without the scope shell is told so, and the audit is for administrators', async () => {
  const { token } = await fetch(`${max.url}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'reader', scopes: ['read'] }),
  }).then((answer) => answer.json() as Promise<{ token: string }>);
  const env = { RIG_SERVER: max.url, RIG_TOKEN: token };
  const refused = saidError('no scope', await rig(max.home, [...on, '-o', 'json', '--', 'ls'], { env }));
  expect(refused).toMatchObject({ code: 'RIG_FORBIDDEN', exitCode: 4, message: expect.stringContaining('shell') });
  const audit = saidError('audit', await rig(max.home, ['list', 'audit', '-o', 'json'], { env }));
  expect(audit).toMatchObject({ code: 'RIG_FORBIDDEN', exitCode: 4, hint: expect.stringContaining('admin') });
});

test('the audit tells what was run, and never a secret', async () => {
  expect((await run('echo', `key=${SECRET}`)).stdout).toBe(`key=${SECRET}\n`);
  await startRaw(max.home, [...on, '--', 'cat'], { input: 'twelve bytes' }).ended;
  const entries = await rigJson<Array<Record<string, unknown>>>(max.home, [
    'list',
    'audit',
    '--app',
    'api.shop',
    '--limit',
    '2',
  ]);
  expect(entries).toMatchObject([
    {
      action: 'command',
      what: 'cat',
      bytesIn: 12,
      bytesOut: 12,
      instance: 'worker.1',
      end: { reason: 'exited', code: 0 },
    },
    { what: 'echo key=[hidden]', token: { name: 'owner' }, from: '127.0.0.1' },
  ]);
  const all = await rigOk(max.home, ['list', 'audit', '--limit', '500', '-o', 'ndjson']);
  expect(all.stdout).not.toContain(SECRET);
  expect((await rigOk(max.home, ['list', 'audit', '--action', 'shell'])).stderr).toContain('Nobody was inside');
  expect((await rigOk(max.home, ['list', 'audit', '--since', '1d', '--limit', '1', '-o', 'name'])).stdout).toMatch(
    /^aud_/,
  );
  expect((await rigOk(max.home, ['list', 'audit', '--since', '2999-01-01'])).stdout).toBe('');
  expect((await rigOk(max.home, ['list', 'audit', '--limit', '1'])).stdout).toContain('exit 0');
  for (const bad of [
    ['--action', 'dance'],
    ['--since', 'soon'],
    ['--limit', '0'],
  ])
    expect(saidError(bad.join(' '), await rig(max.home, ['list', 'audit', '-o', 'json', ...bad])).code).toBe(
      'RIG_BAD_OPTION',
    );
});

test('Ctrl-C with more instances than run at once begins none of the others, and ends with 130', async () => {
  await rigOk(max.home, ['scale', 'app', 'api.shop', 'worker=12']);
  const trap = 'trap "exit 0" INT; echo ready; while :; do sleep 0.05; done';
  const all = startRaw(max.home, [...on, '--all', '-o', 'ndjson', '--', 'sh', '-c', trap]);
  let seen = '';
  const ready = new Promise<void>((resolve) => {
    all.child.stdout?.on('data', (part: Buffer) => {
      seen += part.toString();
      if (seen.match(/"ready"/g)?.length === 10) resolve();
    });
  });
  await ready;
  all.child.kill('SIGINT');
  const { code, stdout, stderr } = await all.ended;
  expect([code, stdout.toString().match(/"exitCode":0/g)?.length]).toEqual([130, 10]);
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'RIG_INTERRUPTED',
    message: expect.stringMatching(/not begun on worker\.\d+, worker\.\d+$/),
  });
  await rigOk(max.home, ['scale', 'app', 'api.shop', 'worker=3']);
});
