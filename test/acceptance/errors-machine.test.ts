import { chmodSync, mkdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeTree } from '../support/app.ts';
import { expectFailure, expectText } from '../support/failure.ts';
import { createHome, type Home } from '../support/home.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { makePlugin, oneCommand } from '../support/plugin.ts';
import { RIG, rig, rigOk } from '../support/rig.ts';
import { createHomeOf, permissionsUntestable, plainUser } from '../support/user.ts';

let max: RunningMax;
/** A home without a Max, that knows nothing. */
let bare: Home;

beforeAll(async () => {
  bare = createHome();
  max = await startMax();
});
afterAll(async () => {
  await max.stop();
  await bare.remove();
});

describe('Max on this machine', () => {
  test('finds its port taken', async () => {
    const failure = {
      code: 'RIG_PORT_TAKEN',
      exitCode: 5,
      message: new RegExp(`port ${max.port} .*process ${max.pid}`),
      hint: /--port/,
    };
    await expectFailure(bare, ['max', 'up', '--port', String(max.port)], failure);
    await expectFailure(bare, ['max', 'up'], failure, { env: { RIG_MAX_PORT: String(max.port) } });
    await expectFailure(bare, ['max', 'up', '--port', 'many'], {
      code: 'RIG_USAGE',
      exitCode: 2,
      message: /many/,
      hint: /--port/,
    });
  });

  test('was never set up', async () => {
    const dir = ['--state-dir', join(bare.dir, 'none')];
    await expectFailure(bare, ['max', 'token', ...dir], {
      code: 'RIG_MAX_NOT_SET_UP',
      exitCode: 3,
      message: /none/,
      hint: /rig max up/,
    });
    await expectFailure(bare, ['max', 'logs', ...dir], {
      code: 'RIG_MAX_NOT_SET_UP',
      exitCode: 3,
      message: /none/,
      hint: /rig max up/,
    });
    await expectFailure(bare, ['max', 'reset', '--yes', ...dir], {
      code: 'RIG_MAX_NOT_SET_UP',
      exitCode: 3,
      message: /none/,
      hint: /rig max up/,
    });
  });

  test('is not to remove a folder that is none of its own', async () => {
    const dir = await writeTree(join(bare.dir, 'precious'), { 'thesis.txt': 'x' });
    await expectFailure(bare, ['max', 'reset', '--yes', '--state-dir', dir], {
      code: 'RIG_NOT_STATE_DIR',
      exitCode: 5,
      message: /precious/,
      hint: /--state-dir/,
    });
  });
});

describe('files of settings', () => {
  test.each([
    ['.rigrc', '{"app": "api",}', /\.rigrc:1:15 /],
    ['.rigrc.yaml', 'app: [', /\.rigrc\.yaml/],
    ['.rigrc.json', '[]', /\.rigrc\.json/],
  ])('%s is broken', async (name, text, message) => {
    const dir = await writeTree(join(max.home.dir, `broken${name}`), { [name]: text, 'index.html': 'x' });
    const failure = { code: 'RIG_CONFIG_INVALID', exitCode: 2, message, hint: /./ };
    await expectFailure(max.home, ['deploy'], failure, { cwd: dir });
    await expectFailure(max.home, ['config', 'list'], failure, { cwd: dir });
    await rigOk(max.home, ['--version'], { cwd: dir });
  });

  test('the user file is broken, and is never overwritten', async () => {
    const home = createHome();
    await writeTree(join(home.dir, 'config', 'rig'), { 'config.json': '{ "context": ' });
    const failure = { code: 'RIG_CONFIG_INVALID', exitCode: 2, message: /config\.json/, hint: /./ };
    await expectFailure(home, ['list', 'apps'], failure);
    await expectFailure(home, ['config', 'set', 'app', 'api'], failure);
    await home.remove();
  });
});

test('the folder that rig is started in is gone', async () => {
  const dir = join(bare.dir, 'gone');
  await mkdir(dir);
  const script = 'cd "$1" && rmdir "$1" && shift && exec "$@"';
  const { exitCode, stdout, stderr } = await execa(
    'sh',
    ['-c', script, 'sh', dir, process.execPath, RIG, 'list', 'apps'],
    { env: bare.env, extendEnv: false, reject: false, stdin: 'ignore' },
  );
  const failure = { code: 'RIG_NO_CWD', exitCode: 3, message: /folder.*is gone/, hint: /cd ~/ };
  expectText({ exitCode, stdout, stderr, signal: undefined }, failure);
});

describe('a plugin', () => {
  test('is not built', async () => {
    const dir = await makePlugin(bare, 'unbuilt', oneCommand('unbuilt', "return { text: '' };"));
    await rigOk(bare, ['plugins', 'link', dir]);
    await rm(join(dir, 'dist'), { recursive: true });
    await expectFailure(bare, ['unbuilt'], {
      code: 'RIG_PLUGIN_FAILED',
      exitCode: 8,
      message: /"unbuilt" cannot be loaded: there is no .*dist.index\.js/,
      hint: /build it in .*unbuilt, or .*rig plugins unlink unbuilt/,
    });
  });

  test('throws on import', async () => {
    const dir = await makePlugin(bare, 'broken', oneCommand('broken', "return { text: '' };"));
    await rigOk(bare, ['plugins', 'link', dir]);
    await writeFile(join(dir, 'dist', 'index.js'), "throw new TypeError('it was built on a bad day');\n");
    await expectFailure(bare, ['broken'], {
      code: 'RIG_PLUGIN_FAILED',
      exitCode: 8,
      message: /"broken".*it was built on a bad day/,
      hint: /rig plugins unlink broken/,
    });
  });

  test('fails in a way that rig does not know: a report, and no stack unless asked', async () => {
    const dir = await makePlugin(bare, 'buggy', oneCommand('buggy', 'return (undefined as any).nothing;'));
    await rigOk(bare, ['plugins', 'link', dir]);
    await expectFailure(bare, ['buggy'], {
      code: 'RIG_INTERNAL',
      exitCode: 1,
      message: /internal error/,
      hint: /report is in \/.*RIG_DEBUG=1/,
    });
  });
});

test.skipIf(permissionsUntestable())(
  'a state folder that is closed to this user is told as that, not as empty',
  async () => {
    const user = plainUser();
    const home = createHomeOf(user);
    const dir = join(home.dir, 'closed');
    mkdirSync(dir, { mode: 0 });
    try {
      for (const verb of ['status', 'down', 'up'])
        expect(await rig(home, ['max', verb, '--state-dir', dir], { user })).toMatchObject({
          exitCode: 1,
          stdout: '',
          stderr: expect.stringContaining('is closed to this user (EACCES) (RIG_STATE_DIR)'),
        });
    } finally {
      chmodSync(dir, 0o700);
      await home.remove();
    }
  },
);
