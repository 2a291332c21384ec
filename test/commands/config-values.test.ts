import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secret, Var } from '@rig/plugin-api/max';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigInTerminal } from '../support/pty.ts';
import { type RigOptions, rig, rigJson, rigOk } from '../support/rig.ts';

let max: RunningMax;
let app: string;
let counter = 0;
beforeAll(async () => {
  max = await startMax();
  await rigOk(max.home, ['create', 'network', 'shop']);
});
afterAll(() => max.stop());
beforeEach(async () => {
  app = `app-${++counter}.shop`;
  await rigOk(max.home, ['create', 'app', app]);
});

interface Changed {
  set: string[];
  unchanged: string[];
  deleted: string[];
  release: number | null;
}
const json = <T>(args: string[], options?: RigOptions): Promise<T> =>
  rigJson<T>(max.home, [...args, '--app', app], options);
const vars = async (): Promise<Record<string, string>> =>
  Object.fromEntries((await json<Var[]>(['list', 'vars'])).map(({ name, value }) => [name, value]));
const secrets = async (): Promise<string[]> => (await json<Secret[]>(['list', 'secrets'])).map(({ name }) => name);
const file = async (text: string): Promise<string> => {
  const path = join(max.home.dir, `${++counter}.env`);
  await writeFile(path, text);
  return path;
};
const environment = async (): Promise<Record<string, string>> =>
  JSON.parse((await askApp(max, app)).body) as Record<string, string>;
const deployEnv = async (): Promise<void> => {
  const source = answering('x').replace('response.end("x")', 'response.end(JSON.stringify(process.env))');
  await deploy(max, app, await writeNodeApp(join(max.home.dir, app), source));
};

describe('before the first deploy', () => {
  test('vars are made, updated, listed and deleted', async () => {
    const made = await rigOk(max.home, ['create', 'var', 'A=1', 'B=x=y z', 'C=', '--app', app]);
    expect(made.stdout).toMatch(/Set 3 vars: A, B, C\n.*rig deploy --app app-/);
    expect(made.stderr).toContain(`vars of app ${app}`);
    expect(await vars()).toEqual({ A: '1', B: 'x=y z', C: '' });
    expect(await json<Changed>(['create', 'var', 'A=2', 'C='])).toMatchObject({ set: ['A'], unchanged: ['C'] });
    expect(await json<Changed>(['delete', 'var', 'B', 'C', '--yes'])).toMatchObject({ deleted: ['B', 'C'] });
    expect((await rigOk(max.home, ['list', 'vars', '--app', app])).stdout).toMatch(/^A +2 +\d{4}-/m);
    expect((await rigOk(max.home, ['list', 'vars', '--app', app, '-o', 'name'])).stdout).toBe('A\n');
  });

  test('vars and secrets come from files', async () => {
    const path = await file('\uFEFF# x\r\nexport A="one\\ntwo"\r\nB=\'$A\'\r\n');
    expect(await json<Changed>(['create', 'var', '--from-file', path])).toMatchObject({ set: ['A', 'B'] });
    expect(await vars()).toEqual({ A: 'one\ntwo', B: '$A' });
    await json(['create', 'secret', '--from-file', await file('C=1\nD=2')]);
    expect(await secrets()).toEqual(['C', 'D']);
  });

  test('a file with a line that cannot be read sets nothing, and is not quoted', async () => {
    const path = await file('A=1\nhunter2\nB="x\nC=2\n');
    for (const kind of ['var', 'secret']) {
      const error = await expectFailure(max.home, ['create', kind, '--from-file', path, '--app', app], {
        code: 'RIG_ENV_FILE',
        exitCode: 2,
        message: /line 2 .*; line 3 /,
        hint: /docs\/env-files\.md/,
      });
      expect(JSON.stringify(error)).not.toContain('hunter2');
    }
    expect([await vars(), await secrets()]).toEqual([{}, []]);
  });

  test('a secret comes from stdin, without the newline that ends it, and is never shown', async () => {
    const made = await rigOk(max.home, ['create', 'secret', 'KEY', '--value-stdin', '--app', app], {
      input: 'line 1\nhunter2\n',
    });
    const shown = await rigOk(max.home, ['list', 'secrets', '--app', app]);
    expect(shown.stdout).toMatch(/^KEY +[0-9a-f]{16} +\d{4}-/m);
    expect(made.stdout + made.stderr + shown.stdout).not.toContain('hunter2');
    await deployEnv();
    expect((await environment()).KEY).toBe('line 1\nhunter2');
  });

  test('a secret is asked for at a terminal, without echo', async () => {
    const asked = rigInTerminal(max.home, ['create', 'secret', 'KEY', '--app', app]);
    await asked.shows('Value of KEY');
    asked.type('hunter2\r');
    const { exitCode, screen } = await asked.ended;
    expect(exitCode, screen).toBe(0);
    expect(screen).not.toContain('hunter2');
    expect(await secrets()).toEqual(['KEY']);
  });

  test('sixty-four KiB are taken, and one byte more is refused before it is sent', async () => {
    const path = await file(`A=${'x'.repeat(65536)}`);
    await json(['create', 'var', '--from-file', path]);
    expect((await vars()).A?.length).toBe(65536);
    await expectFailure(
      max.home,
      ['create', 'secret', 'B', '--value-stdin', '--app', app],
      { code: 'RIG_BAD_VALUE', exitCode: 2, message: /B/, hint: /./ },
      { input: 'x'.repeat(65537) },
    );
  });

  test.each([
    ['no values', ['create', 'var'], 'RIG_VALUE_SOURCE', 2],
    ['two sources', ['create', 'var', 'A=1', '--from-file', 'x'], 'RIG_VALUE_SOURCE', 2],
    ['no equals sign', ['create', 'var', 'hunter2'], 'RIG_BAD_KEY', 2],
    ['a bad name', ['create', 'var', 'A-B=hunter2'], 'RIG_BAD_KEY', 2],
    ['a name of Max', ['create', 'var', 'PORT=hunter2'], 'RIG_BAD_KEY', 2],
    ['a name twice', ['create', 'var', 'A=1', 'A=hunter2'], 'RIG_BAD_VALUE', 2],
    ['a secret on the command line', ['create', 'secret', 'A=hunter2'], 'RIG_BAD_KEY', 2],
    ['two secrets of one stdin', ['create', 'secret', 'A', 'B', '--value-stdin'], 'RIG_VALUE_SOURCE', 2],
    ['an empty stdin', ['create', 'secret', 'A', '--value-stdin'], 'RIG_BAD_VALUE', 2],
    ['nobody to ask', ['create', 'secret', 'A'], 'RIG_NO_TERMINAL', 2],
    ['a file that is not there', ['create', 'var', '--from-file', 'nope.env'], 'RIG_ENV_FILE_UNREADABLE', 2],
    ['a folder for a file', ['create', 'var', '--from-file', '.'], 'RIG_ENV_FILE_UNREADABLE', 2],
    ['a var that is not there', ['delete', 'var', 'NOPE', '--yes'], 'RIG_KEY_NOT_FOUND', 3],
  ])('%s is refused, and nothing of it is said', async (_, args, code, exitCode) => {
    const failure = { code, exitCode, message: /./, hint: /./ };
    const error = await expectFailure(max.home, [...args, '--app', app], failure, { input: '' });
    expect(JSON.stringify(error)).not.toContain('hunter2');
    expect([await vars(), await secrets()]).toEqual([{}, []]);
  });

  test('a var does not take the name of a secret', async () => {
    await rigOk(max.home, ['create', 'secret', 'A', '--value-stdin', '--app', app], { input: 'x' });
    await expectFailure(max.home, ['create', 'var', 'A=1', '--app', app], {
      code: 'RIG_KEY_TAKEN',
      exitCode: 5,
      message: /secret A/,
      hint: /rig delete secret A/,
    });
  });
});

describe('of an app that runs', () => {
  test('a change is a release of the same code, and --stage waits for the next deploy', async () => {
    await deployEnv();
    expect(await json<Changed>(['create', 'var', 'A=1', 'B=2'])).toMatchObject({ set: ['A', 'B'], release: 2 });
    expect(await environment()).toMatchObject({ A: '1', B: '2', MAX_RELEASE: 'v2' });
    expect(await json<Changed>(['create', 'var', 'A=3', '--stage'])).toMatchObject({ set: ['A'], release: null });
    expect(await json<Var[]>(['list', 'vars'])).toMatchObject([{ staged: true }, { staged: false }]);
    expect((await environment()).A).toBe('1');
    expect(await json<Changed>(['delete', 'var', 'B', '--yes'])).toMatchObject({ deleted: ['B'], release: 3 });
    expect(await environment()).toMatchObject({ A: '3', MAX_RELEASE: 'v3' });
    expect((await environment()).B).toBeUndefined();
    expect((await rigOk(max.home, ['list', 'releases', '--app', app])).stdout).toMatch(
      /^v3 +yes +[0-9a-f]{12} +v3 +\S+ \S+ +dep_/m,
    );
  });

  test('values that end it leave the release before in place, and the error says so', async () => {
    await deploy(
      max,
      app,
      await writeNodeApp(join(max.home.dir, app), `if (process.env.BAD) process.exit(9);${answering('ok')}`),
    );
    await expectFailure(max.home, ['create', 'var', 'BAD=yes', '--app', app], {
      code: 'RIG_INSTANCE_CRASHED',
      exitCode: 1,
      message: /the change is kept, and the release before goes on/,
      hint: /rig status app/,
    });
    expect((await askApp(max, app)).body).toBe('ok');
    expect(await vars()).toEqual({ BAD: 'yes' });
    expect((await rig(max.home, ['delete', 'var', 'BAD', '--yes', '--app', app])).exitCode).toBe(0);
  });
});
