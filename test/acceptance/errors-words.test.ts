import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, writeNodeApp } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { createHome, type Home } from '../support/home.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { deadPort } from '../support/ports.ts';
import { rig, rigOk } from '../support/rig.ts';

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
    const noApp = { code: 'RIG_NO_APP', exitCode: 2, message: /app/ };
    await expectFailure(max.home, ['deploy', app], { ...noApp, hint: /rig deploy --app APP\.NETWORK; with --create/ });
    await expectFailure(max.home, ['list', 'builds'], { ...noApp, hint: /--app APP\.NETWORK/ });
    await expectFailure(max.home, ['deploy', app, '--app', 'api'], {
      code: 'RIG_NO_NETWORK',
      exitCode: 2,
      message: /network/,
      hint: /--app api\.NETWORK.*rig config set network/,
    });
    await expectFailure(max.home, ['status', 'app', 'api'], {
      code: 'RIG_NO_NETWORK',
      exitCode: 2,
      message: /network/,
      hint: /name it: api\.NETWORK;.*rig config set network/,
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
