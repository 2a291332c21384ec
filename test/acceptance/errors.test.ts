import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, writeNodeApp, writeTree } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { createHome, type Home } from '../support/home.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { makePlugin, oneCommand } from '../support/plugin.ts';
import { rig, rigOk } from '../support/rig.ts';
import { createHomeOf, permissionsUntestable, plainUser } from '../support/user.ts';

let max: RunningMax;
/** A home without a Max, that knows nothing. */
let bare: Home;
let app: string;

beforeAll(async () => {
  bare = createHome();
  max = await startMax();
  await rigOk(max.home, ['create', 'network', 'shop']);
  await rigOk(max.home, ['create', 'app', 'api.shop']);
  app = await writeNodeApp(join(max.home.dir, 'app'), answering('hello'));
});
afterAll(async () => {
  await max.stop();
  await bare.remove();
});

/** A port on which nobody listens: it was free a moment ago. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the server', () => {
  test('none is chosen', async () => {
    await expectFailure(bare, ['list', 'apps'], {
      code: 'RIG_NO_CONTEXT',
      exitCode: 4,
      message: 'no server is chosen',
      hint: /rig max up/,
    });
    await expectFailure(bare, ['deploy', app, '--app', 'api.shop'], {
      code: 'RIG_NO_CONTEXT',
      exitCode: 4,
      message: 'no server',
      hint: /rig login/,
    });
  });

  test.each([
    ['list', 'apps'],
    ['status', 'app', 'api.shop'],
    ['logs', 'app', 'api.shop'],
    ['create', 'network', 'new'],
  ])('does not run: rig %s %s', async (...args) => {
    const port = await deadPort();
    const env = { RIG_SERVER: `http://127.0.0.1:${port}`, RIG_TOKEN: 'max_api_whatever' };
    const failure = {
      code: 'RIG_UNREACHABLE',
      exitCode: 6,
      message: new RegExp(`127\\.0\\.0\\.1:${port}`),
      hint: /rig max (up|status)/,
    };
    await expectFailure(bare, args, failure, { env });
  });

  test('does not run: rig deploy, which has sent nothing', async () => {
    const port = await deadPort();
    const env = { RIG_SERVER: `http://127.0.0.1:${port}`, RIG_TOKEN: 'max_api_whatever' };
    await expectFailure(
      bare,
      ['deploy', app, '--app', 'api.shop'],
      { code: 'RIG_UNREACHABLE', exitCode: 6, message: String(port), hint: /rig max/ },
      { env },
    );
  });

  test('is no server at all, or its name does not resolve', async () => {
    const wrong = (server: string) => ({ env: { RIG_SERVER: server, RIG_TOKEN: 'x' } });
    await expectFailure(
      bare,
      ['list', 'apps'],
      { code: 'RIG_BAD_SERVER', exitCode: 2, message: /nonsense/, hint: /http/ },
      wrong('nonsense'),
    );
    // A token would go over the network in the clear.
    await expectFailure(
      bare,
      ['list', 'apps'],
      { code: 'RIG_INSECURE_SERVER', exitCode: 2, message: /max\.example\.com/, hint: /https/ },
      wrong('http://max.example.com'),
    );
    await expectFailure(
      bare,
      ['list', 'apps'],
      { code: 'RIG_UNREACHABLE', exitCode: 6, message: /no-such-host\.invalid/, hint: /rig / },
      wrong('https://no-such-host.invalid'),
    );
  });

  test('is something else, that speaks no HTTP', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      socket.end('SSH-2.0-OpenSSH_9.6\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const env = { RIG_SERVER: `http://127.0.0.1:${port}`, RIG_TOKEN: 'x' };
    await expectFailure(
      bare,
      ['list', 'apps'],
      { code: 'RIG_UNREACHABLE', exitCode: 6, message: new RegExp(String(port)), hint: /rig / },
      { env },
    );
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the token', () => {
  test('is wrong', async () => {
    const env = { RIG_SERVER: max.url, RIG_TOKEN: 'max_api_wrong' };
    for (const args of [
      ['list', 'apps'],
      ['whoami'],
      ['logs', 'app', 'api.shop'],
      ['deploy', app, '--app', 'api.shop'],
    ])
      await expectFailure(
        bare,
        args,
        { code: 'RIG_NOT_SIGNED_IN', exitCode: 4, message: /RIG_TOKEN/, hint: /rig / },
        { env },
      );
  });

  test('is wrong at the login', async () => {
    const login = ['login', '--server', max.url, '--token-stdin'];
    await expectFailure(
      bare,
      login,
      { code: 'RIG_TOKEN_REFUSED', exitCode: 4, message: /API token/, hint: /rig / },
      { input: 'max_api_wrong\n' },
    );
    await expectFailure(
      bare,
      login,
      { code: 'RIG_EMPTY_TOKEN', exitCode: 2, message: /token/, hint: /rig / },
      { input: '\n' },
    );
    await expectFailure(bare, ['list', 'apps'], {
      code: 'RIG_NO_CONTEXT',
      exitCode: 4,
      message: 'no server',
      hint: /rig login/,
    });
  });

  test('is missing', async () => {
    await expectFailure(
      bare,
      ['list', 'apps'],
      { code: 'RIG_NOT_SIGNED_IN', exitCode: 4, message: /signed in/, hint: /rig login/ },
      { env: { RIG_SERVER: max.url } },
    );
  });
});

describe('what is named', () => {
  test.each([
    ['status', 'app'],
    ['details', 'app'],
    ['logs', 'app'],
    ['logs', 'build'],
    ['delete', 'app'],
  ])('no such app: rig %s %s', async (...words) => {
    const yes = words[0] === 'delete' ? ['--yes'] : [];
    const error = await expectFailure(max.home, [...words, 'nope.shop', ...yes], {
      code: 'RIG_APP_NOT_FOUND',
      exitCode: 3,
      message: /"nope"/,
      hint: /rig list apps --network shop/,
    });
    expect(error.requestId).toMatch(/^req_/);
  });

  test('no such app or network to deploy to', async () => {
    await expectFailure(max.home, ['deploy', app, '--app', 'nope.shop'], {
      code: 'RIG_APP_NOT_FOUND',
      exitCode: 3,
      message: /"nope"/,
      hint: /rig deploy --create --app nope\.shop/,
    });
    await expectFailure(max.home, ['deploy', app, '--app', 'api.nowhere'], {
      code: 'RIG_NETWORK_NOT_FOUND',
      exitCode: 3,
      message: /"nowhere"/,
      hint: /rig deploy --create --app api\.nowhere/,
    });
    await expectFailure(max.home, ['list', 'apps', '--network', 'nowhere'], {
      code: 'RIG_NETWORK_NOT_FOUND',
      exitCode: 3,
      message: /"nowhere"/,
      hint: /rig list networks/,
    });
  });

  test('no app at all, or no network', async () => {
    await expectFailure(max.home, ['deploy', app], { code: 'RIG_NO_APP', exitCode: 2, message: /app/, hint: /--app/ });
    await expectFailure(max.home, ['deploy', app, '--app', 'api'], {
      code: 'RIG_NO_NETWORK',
      exitCode: 2,
      message: /network/,
      hint: /--app api\.NETWORK.*rig config set network/,
    });
  });

  test.each([
    ['Api', 'api'],
    ['my_app', 'my-app'],
    ['9lives', 'lives'],
    ['-x', undefined],
    ['a'.repeat(64), 'a'.repeat(63)],
    ['über', 'uber'],
  ])('a bad name %s is refused before any request', async (name, suggestion) => {
    // Nobody answers there: an exit code of 2, not 6, shows that nobody was asked.
    const env = { RIG_SERVER: `http://127.0.0.1:${await deadPort()}`, RIG_TOKEN: 'x' };
    if (suggestion === undefined) {
      // It looks like an option, and is refused as one.
      await expectFailure(
        bare,
        ['create', 'network', name],
        { code: 'RIG_USAGE', exitCode: 2, message: name, hint: /rig create network --help/ },
        { env },
      );
      return;
    }
    const failure = { code: 'RIG_BAD_NAME', exitCode: 2, message: /name/, hint: suggestion };
    await expectFailure(bare, ['create', 'network', name], failure, { env });
    await expectFailure(bare, ['create', 'app', name, '--network', 'shop'], failure, { env });
    await expectFailure(bare, ['deploy', app, '--app', name, '--network', 'shop', '--create'], failure, { env });
  });

  test('a name that is taken', async () => {
    await expectFailure(max.home, ['create', 'network', 'shop'], {
      code: 'RIG_NAME_TAKEN',
      exitCode: 5,
      message: /shop/,
      hint: /rig list networks/,
    });
    await expectFailure(max.home, ['create', 'app', 'api.shop'], {
      code: 'RIG_NAME_TAKEN',
      exitCode: 5,
      message: /api/,
      hint: /rig deploy --app api\.shop/,
    });
  });

  test('a network with apps is not deleted, and nothing is deleted without a yes', async () => {
    await expectFailure(max.home, ['delete', 'network', 'shop', '--yes'], {
      code: 'RIG_NETWORK_NOT_EMPTY',
      exitCode: 5,
      message: /shop/,
      hint: /rig /,
    });
    await expectFailure(max.home, ['delete', 'app', 'api.shop'], {
      code: 'RIG_NO_TERMINAL',
      exitCode: 2,
      message: /./,
      hint: /--yes/,
    });
    await rigOk(max.home, ['status', 'app', 'api.shop']);
  });
});

describe('the folder to deploy', () => {
  const deploying = (path: string): string[] => ['deploy', path, '--app', 'api.shop'];

  test('is not there, or is a file', async () => {
    await expectFailure(max.home, deploying('nowhere'), {
      code: 'RIG_PATH_NOT_FOUND',
      exitCode: 3,
      message: /nowhere/,
      hint: /rig deploy PATH/,
    });
    await writeFile(join(max.home.dir, 'file'), '');
    await expectFailure(max.home, deploying('file'), {
      code: 'RIG_PATH_NOT_FOLDER',
      exitCode: 2,
      message: /file/,
      hint: /rig deploy PATH/,
    });
  });

  test('is empty, or all of it is ignored', async () => {
    await mkdir(join(max.home.dir, 'empty', 'folder'), { recursive: true });
    await expectFailure(max.home, deploying('empty'), {
      code: 'RIG_PATH_EMPTY',
      exitCode: 2,
      message: /empty/,
      hint: /rig deploy PATH/,
    });
    await writeTree(join(max.home.dir, 'ignored'), { '.env': 'SECRET=1', 'node_modules/x.js': '' });
    await expectFailure(max.home, deploying('ignored'), {
      code: 'RIG_PATH_EMPTY',
      exitCode: 2,
      message: /ignored/,
      hint: /\.env/,
    });
  });

  test('has a symlink that leads out of it', async () => {
    const dir = await writeTree(join(max.home.dir, 'linked'), { 'index.html': 'x' });
    await symlink('/etc/passwd', join(dir, 'passwd'));
    const failure = { code: 'RIG_SYMLINK_ESCAPES', exitCode: 1, message: /passwd.*\/etc\/passwd/, hint: /\.rigignore/ };
    await expectFailure(max.home, deploying('linked'), failure);
    await writeFile(join(dir, '.rigignore'), 'passwd\n');
    await rigOk(max.home, deploying('linked').concat('--dry-run'));
  });

  test.skipIf(permissionsUntestable())('has a file, or a folder, that cannot be read', async () => {
    const user = plainUser();
    const home = createHomeOf(user, { RIG_SERVER: max.url, RIG_TOKEN: max.token });
    try {
      const dir = await writeTree(join(home.dir, 'tree'), {
        'index.html': 'x',
        'private/key.txt': 'x',
        'locked/a.txt': 'x',
      });
      await chmod(home.dir, 0o755);
      await chmod(join(dir, 'private', 'key.txt'), 0o000);
      const failure = {
        code: 'RIG_UNREADABLE',
        exitCode: 1,
        message: /private\/key\.txt: you are not allowed/,
        hint: /\.rigignore/,
      };
      await expectFailure(home, deploying('tree'), failure, { user });
      await chmod(join(dir, 'private', 'key.txt'), 0o644);
      await chmod(join(dir, 'locked'), 0o000);
      await expectFailure(home, deploying('tree'), { ...failure, message: /locked: you are not allowed/ }, { user });
      await chmod(join(dir, 'locked'), 0o755);
    } finally {
      await home.remove();
    }
  });

  test('has nothing that Max can build', async () => {
    await writeTree(join(max.home.dir, 'odd'), { 'notes.txt': 'x' });
    const error = await expectFailure(max.home, deploying('odd'), {
      code: 'RIG_NO_BUILDER',
      exitCode: 1,
      message: /api\.shop/,
      hint: /rig deploy PATH/,
    });
    expect([error.message, ...(error.lines ?? [])].join('\n')).toMatch(/package\.json[\s\S]*index\.html/);
  });
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

describe('the words', () => {
  test.each([
    [['deply'], 'RIG_UNKNOWN_COMMAND', /deply/, /rig deploy/],
    [['list', 'app'], 'RIG_UNKNOWN_COMMAND', /list app/, /rig list apps/],
    [['frobnicate'], 'RIG_UNKNOWN_COMMAND', /frobnicate/, /rig --help/],
    [['create'], 'RIG_INCOMPLETE_COMMAND', /rig create/, /rig create --help/],
    [['logs'], 'RIG_INCOMPLETE_COMMAND', /rig logs/, /rig logs --help/],
    [['deploy', '--ap', 'x'], 'RIG_USAGE', /--ap/, /--app/],
    [['status', 'app'], 'RIG_USAGE', /NAME/, /rig status app --help/],
    [['list', 'apps', 'extra'], 'RIG_USAGE', /"extra"/, /rig list apps --help/],
    [['list', 'apps', '--limit', 'x'], 'RIG_BAD_OPTION', /"x"/, /--limit/],
  ] as Array<[string[], string, RegExp, RegExp]>)('rig %j', async (args, code, message, hint) => {
    await expectFailure(max.home, args, { code, exitCode: 2, message, hint });
  });

  test('a form that there is not', async () => {
    const { exitCode, stdout, stderr } = await rig(max.home, ['list', 'apps', '-o', 'xml']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^error: .*"xml".*\(RIG_USAGE\)\nhint: /);
    await expectFailure(max.home, ['list', 'apps', '--color=purple'], {
      code: 'RIG_USAGE',
      exitCode: 2,
      message: /purple/,
      hint: /--color/,
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

describe('a plugin', () => {
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
