import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { answering, deploy, writeNodeApp, writeTree } from '../support/app.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigInTerminal } from '../support/pty.ts';
import { RIG, rig, rigOk } from '../support/rig.ts';

let max: RunningMax;
const HOSTILE = [
  'clear \x1b[2J\x1b[H screen',
  'title \x1b]0;owned\x07',
  'clipboard \x1b]52;c;cm0gLXJmIC8=\x07',
  'c1 \u009b31m',
  'back\rover\x08\x08',
  'bidi \u202etxt.exe',
];
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

beforeAll(async () => {
  max = await startMax();
  const source = answering('hello', `for (const line of ${JSON.stringify(HOSTILE)}) console.log(line);`);
  await deploy(max, 'api.shop', await writeNodeApp(join(max.home.dir, 'app'), source));
});
afterAll(() => max.stop());

/** Every command that only reads, and what `-o name` prints. */
const READS: Array<{ args: string[]; name: RegExp | undefined }> = [
  { args: ['list', 'networks'], name: /^shop\n/ },
  { args: ['list', 'apps'], name: /^api\.shop\n/ },
  { args: ['list', 'releases', '--app', 'api.shop'], name: /^v1\n$/ },
  { args: ['list', 'builds', '--app', 'api.shop'], name: /^bld_\w+\n$/ },
  { args: ['list', 'deployments', '--app', 'api.shop'], name: /^dep_\w+\n$/ },
  { args: ['status', 'app', 'api.shop'], name: /^\S+\n$/ },
  { args: ['status', 'network', 'shop'], name: /^\S+\n$/ },
  { args: ['details', 'app', 'api.shop'], name: /^\S+\n$/ },
  { args: ['details', 'network', 'shop'], name: /^\S+\n$/ },
  { args: ['whoami'], name: /^\S+\n$/ },
  { args: ['config', 'list'], name: /^[a-z]/ },
  { args: ['config', 'get', 'context'], name: /^local\n$/ },
  { args: ['plugins', 'list'], name: /^resources\n/ },
  { args: ['max', 'status'], name: /^running\n$/ },
  { args: ['logs', 'app', 'api.shop', '--no-follow'], name: undefined },
  { args: ['logs', 'build', 'api.shop', '--no-follow'], name: undefined },
];

describe.each(READS)('rig $args', ({ args, name }) => {
  test('prints one document, records, YAML of the same, names, and a plain table', async () => {
    const json = await rigOk(max.home, [...args, '-o', 'json']);
    expect(json.stderr).toBe('');
    const data = JSON.parse(json.stdout) as unknown;

    const yaml = await rigOk(max.home, [...args, '-o', 'yaml']);
    // What changes from one call to the next is not compared.
    expect(shapeOf(parse(yaml.stdout))).toEqual(shapeOf(data));

    const records = (
      await rigOk(max.home, [...args, '-o', 'ndjson', ...(args[0] === 'logs' ? ['--no-follow'] : [])])
    ).stdout
      .trimEnd()
      .split('\n');
    expect(records.map((line) => shapeOf(JSON.parse(line)))).toEqual(
      Array.isArray(data) ? data.map(shapeOf) : [shapeOf(data)],
    );

    const table = await rigOk(max.home, args);
    expect(table.stdout).not.toMatch(CONTROL);
    expect(table.stdout).not.toMatch(/[\u2500-\u257f]/);
    expect(table.stdout.length).toBeGreaterThan(0);

    const names = await rig(max.home, [...args, '-o', 'name']);
    if (name) expect(names).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(name), stderr: '' });
  });
});

/** A value's keys and kinds of values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

describe('what an app says', () => {
  test('is shown, not obeyed: in tables, records and documents', async () => {
    for (const form of ['table', 'json', 'ndjson', 'yaml']) {
      const { stdout } = await rigOk(max.home, ['logs', 'app', 'api.shop', '--no-follow', '-o', form]);
      expect(stdout.replaceAll('\t', '')).not.toMatch(CONTROL);
    }
    const { stdout } = await rigOk(max.home, ['logs', 'app', 'api.shop', '--no-follow']);
    expect(stdout).toContain('| clear \\x1b[2J\\x1b[H screen');
    expect(stdout).toContain('| title \\x1b]0;owned\\x07');
    const lines = JSON.parse(
      (await rigOk(max.home, ['logs', 'app', 'api.shop', '--no-follow', '-o', 'json'])).stdout,
    ) as Array<{ text: string }>;
    expect(lines.map(({ text }) => text)).toEqual(expect.arrayContaining(HOSTILE.slice(0, 4)));
  });

  test('is shown, not obeyed, in a real terminal too', async () => {
    const { exitCode, screen } = await rigInTerminal(
      max.home,
      ['logs', 'app', 'api.shop', '--no-follow', '--lines', '10'],
      { columns: 200 },
    ).ended;
    expect(exitCode).toBe(0);
    for (const attack of ['\x1b[2J', '\x1b]0;', '\x1b]52;', '\u009b', '\x08', '\u202e'])
      expect(screen).not.toContain(attack);
    expect(screen).toContain('\\x1b[2J');
  });

  test('in a build that fails is shown, not obeyed', async () => {
    const dir = await writeNodeApp(join(max.home.dir, 'evil'), answering('x'), { build: 'node build.mjs' });
    await writeTree(dir, {
      'build.mjs': `process.stdout.write(${JSON.stringify(`${HOSTILE.join('\n')}\n`)}); process.exitCode = 1;`,
    });
    const { exitCode, stdout, stderr } = await rig(max.home, ['deploy', dir, '--app', 'evil.shop', '--create']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).not.toMatch(CONTROL);
    expect(stderr).toContain('\\x1b[2J');
  });
});

describe('where standard output goes', () => {
  test.skipIf(!existsSync('/dev/full'))('is full: said plainly, by the shim too', async () => {
    for (const args of [['--help'], ['--version'], ['list', 'apps'], ['list', 'apps', '-o', 'json']]) {
      const { exitCode, stderr } = await execa('sh', ['-c', '"$0" "$@" >/dev/full', process.execPath, RIG, ...args], {
        env: max.home.env,
        extendEnv: false,
        reject: false,
      });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/RIG_OUTPUT_FAILED/);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });

  test.each([['--help'], ['list', 'apps'], ['create']])('is read by nobody: quiet, rig %s', async (...args) => {
    const { stderr, stdout } = await execa(
      'sh',
      ['-c', '{ "$0" "$@"; echo "ended with $?" >&2; } | true', process.execPath, RIG, ...args],
      {
        env: max.home.env,
        extendEnv: false,
      },
    );
    expect(stdout).toBe('');
    if (args[0] !== 'create') expect(stderr).toBe('ended with 0');
    else expect(stderr).toMatch(/RIG_INCOMPLETE_COMMAND[\s\S]*ended with 2$/);
  });
});

describe('in a terminal', () => {
  test('a table is coloured and keeps to the width; NO_COLOR and a pipe have none of it', async () => {
    const colourful = await rigInTerminal(max.home, ['list', 'apps'], { columns: 60 }).ended;
    expect(colourful.exitCode).toBe(0);
    expect(colourful.screen).toMatch(/\x1b\[\d+m/);
    expect(colourful.screen).toMatch(/api\s+.*shop/);
    for (const line of plain(colourful.screen).split('\r\n')) expect([...line].length).toBeLessThanOrEqual(60);
    const quiet = await rigInTerminal(max.home, ['list', 'apps'], { env: { NO_COLOR: '1' } }).ended;
    expect(quiet.screen).not.toContain('\x1b[');
    expect(quiet.screen).toMatch(/api\s+shop\s+running/);
  });

  test('a deploy draws its progress, and leaves the terminal clean', async () => {
    const dir = await writeNodeApp(join(max.home.dir, 'large'), answering('large'));
    // Large enough to be read for longer than one picture of the bar.
    await writeTree(dir, { 'data.txt': 'x'.repeat(80_000_000) });
    const { exitCode, screen } = await rigInTerminal(max.home, ['deploy', dir, '--app', 'large.shop', '--create'], {
      columns: 100,
    }).ended;
    expect(exitCode).toBe(0);
    expect(screen).toMatch(/(Reading files|Uploading) {2}\[#*-*\] \d+% {2}\S+ MB of 80 MB/);
    expect(plain(screen)).toMatch(/release\s+v1/);
    // Whatever was hidden is shown again.
    expect(count(screen, '\x1b[?25l')).toBe(count(screen, '\x1b[?25h'));
    expect(count(screen, '\x1b[?1049h')).toBe(count(screen, '\x1b[?1049l'));
  });

  test('Ctrl-C typed into a follower ends it with 130 and a clean line', async () => {
    const terminal = rigInTerminal(max.home, ['logs', 'app', 'api.shop', '--lines', '1']);
    await terminal.shows('Z ');
    terminal.type('\x03');
    const { exitCode, screen } = await terminal.ended;
    expect(exitCode).toBe(130);
    expect(screen).toMatch(/interrupted\r?\n$/);
  });

  test('delete asks for the name, and keeps what was not confirmed', async () => {
    await rigOk(max.home, ['create', 'app', 'gone.shop']);
    const refused = rigInTerminal(max.home, ['delete', 'app', 'gone.shop']);
    await refused.shows('gone.shop, its releases');
    refused.type('gone\r');
    expect((await refused.ended).exitCode).not.toBe(0);
    await rigOk(max.home, ['status', 'app', 'gone.shop']);
    const agreed = rigInTerminal(max.home, ['delete', 'app', 'gone.shop']);
    await agreed.shows('gone.shop, its releases');
    agreed.type('gone.shop\r');
    expect((await agreed.ended).exitCode).toBe(0);
    expect((await rig(max.home, ['status', 'app', 'gone.shop'])).exitCode).toBe(3);
  });
});

const plain = (text: string): string => text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
const count = (text: string, part: string): number => text.split(part).length - 1;
