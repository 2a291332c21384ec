import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RigError } from '@rig/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testOutput } from './support.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rig-output-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const full = new RigError({
  code: 'RIG_BUILD_FAILED',
  message: 'the build of api.shop failed\nwarning: not ours \x1b[2J',
  hint: 'rig logs build api.shop',
  exitCode: 5,
  requestId: 'req-1\r\n',
  lines: ['npm ERR! \x1b[31mmissing', 'exit 1'],
  details: { build: 'b1' },
});

describe('a RigError', () => {
  it('is told to a person: what, which lines, the fix, the request', async () => {
    const { output, err, out } = testOutput();
    expect(await output.renderError(full)).toBe(5);
    expect(err()).toBe(
      [
        'error: the build of api.shop failed (RIG_BUILD_FAILED)',
        '  warning: not ours \\x1b[2J',
        '  | npm ERR! \\x1b[31mmissing',
        '  | exit 1',
        'hint: rig logs build api.shop',
        'request id: req-1\\r\\n',
        '',
      ].join('\n'),
    );
    expect(out()).toBe('');
  });

  it.each(['json', 'ndjson', 'yaml'] as const)('is the last line of stderr with -o %s', async (format) => {
    const { output, err, out } = testOutput({ format });
    output.service.warn('RIG_W', 'first');
    expect(await output.renderError(full)).toBe(5);
    const lines = err().trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] as string)).toEqual({
      level: 'error',
      code: 'RIG_BUILD_FAILED',
      message: full.message,
      hint: full.hint,
      exitCode: 5,
      requestId: full.requestId,
      lines: full.lines,
      details: { build: 'b1' },
    });
    expect(out()).toBe('');
  });

  it('of another copy of the API is the same', async () => {
    const copy = Object.assign(new Error('from afar'), {
      code: 'RIG_AFAR',
      exitCode: 7,
      [Symbol.for('rig.error')]: true,
    });
    const { output, err } = testOutput();
    expect(await output.renderError(copy)).toBe(7);
    expect(err()).toBe('error: from afar (RIG_AFAR)\n');
  });

  it('shows its stack and causes with RIG_DEBUG alone', async () => {
    const error = new RigError({ code: 'RIG_X', message: 'outer', cause: new Error('inner') });
    const plain = testOutput();
    await plain.output.renderError(error);
    expect(plain.err()).not.toContain('inner');
    const debug = testOutput({}, { env: { RIG_DEBUG: '1' } });
    await debug.output.renderError(error);
    expect(debug.err()).toContain('caused by: Error: inner');
    expect(debug.err()).toContain('errors.test.ts');
  });

  it.each(['table', 'json'] as const)('never shows the token that rig was given, with -o %s', async (format) => {
    const { output, err } = testOutput({ format }, { env: { RIG_TOKEN: 'max_abcdef' } });
    await output.renderError(
      new RigError({ code: 'RIG_X', message: 'sent max_abcdef', details: { said: 'max_abcdef' } }),
    );
    expect(err()).toContain('sent [redacted]');
    expect(err()).not.toContain('max_abcdef');
  });

  const aborted = () => Object.assign(new Error('The operation was aborted'), { name: 'AbortError' });

  it('of an interrupt says only that', async () => {
    const { output, err, abort } = testOutput();
    abort.abort(new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: 130 }));
    expect(await output.renderError(aborted())).toBe(130);
    expect(err()).toBe('interrupted\n');
  });

  it('is no interrupt where something was aborted and nobody pressed Ctrl-C', async () => {
    const { output, err } = testOutput();
    expect(await output.renderError(aborted())).toBe(1);
    expect(err()).toMatch(/^error: internal error: The operation was aborted \(RIG_INTERNAL\)\n/);
  });

  it('is told even where the settings cannot be read', async () => {
    const broken = new RigError({ code: 'RIG_CONFIG_INVALID', message: 'broken', exitCode: 2 });
    const refuse = async (): Promise<never> => {
      throw broken;
    };
    const { output, err } = testOutput({ defaultFormat: refuse });
    expect(await output.renderError(broken)).toBe(2);
    expect(err()).toBe('error: broken (RIG_CONFIG_INVALID)\n');
    const machine = testOutput({ defaultFormat: refuse }, { env: { RIG_OUTPUT: 'json' } });
    await machine.output.renderError(broken);
    expect(JSON.parse(machine.err()).code).toBe('RIG_CONFIG_INVALID');
  });
});

describe('any other error', () => {
  const env = { RIG_TOKEN: 'max_supersecret', MY_PASSWORD: 'hunter2hunter2', EDITOR: 'vim-editor' };
  const thrown = (): Error =>
    new TypeError('cannot read max_supersecret of https://me:pw@max.example.com with Bearer abc.def-ghi', {
      cause: new Error('password=hunter2hunter2 in vim-editor'),
    });

  it('is an internal error with a report that has no secret in it', async () => {
    const { output, err } = testOutput({ stateDir: state }, { env });
    expect(await output.renderError(thrown())).toBe(1);
    const [name = ''] = readdirSync(join(state, 'reports'));
    const file = join(state, 'reports', name);
    const report = readFileSync(file, 'utf8');
    expect(err()).toContain('error: internal error: cannot read [redacted] of https://[redacted]@max.example.com');
    expect(err()).toContain(`the report is in ${file}`);
    expect(err()).not.toContain('    at ');
    expect(report).toContain('rig       1.2.3');
    expect(report).toContain('TypeError: cannot read [redacted]');
    expect(report).toContain('caused by: Error: ');
    expect(report).toContain('errors.test.ts');
    expect(report).toContain('vim-editor');
    for (const text of [report, err()]) expect(text).not.toMatch(/supersecret|hunter2|me:pw|abc\.def/);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is one JSON line in machine forms, whatever was thrown', async () => {
    for (const what of ['a string', undefined, null, { odd: true }, 7n]) {
      const { output, err } = testOutput({ format: 'json', stateDir: state });
      expect(await output.renderError(what)).toBe(1);
      expect(JSON.parse(err())).toMatchObject({ level: 'error', code: 'RIG_INTERNAL', exitCode: 1 });
    }
  });

  it('keeps only the newest reports, and no other file', async () => {
    mkdirSync(join(state, 'reports'));
    for (let i = 10; i < 40; i++) writeFileSync(join(state, 'reports', `2001-01-${i}.txt`), '');
    writeFileSync(join(state, 'reports', 'mine.md'), '');
    await testOutput({ stateDir: state }).output.renderError(new Error('x'));
    const left = readdirSync(join(state, 'reports')).sort();
    expect(left).toHaveLength(21);
    expect(left).toContain('mine.md');
    expect(left[0]).toBe('2001-01-21.txt');
  });

  it('says so where no report can be written', async () => {
    writeFileSync(join(state, 'reports'), 'a file where the folder should be');
    const { output, err } = testOutput({ stateDir: state });
    expect(await output.renderError(new Error('x'))).toBe(1);
    expect(err()).toContain('no report could be written');
    chmodSync(join(state, 'reports'), 0o600);
  });
});
