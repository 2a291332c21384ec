import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectFailure } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rig, rigJson, rigOk } from '../support/rig.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
});
afterAll(() => max.stop());

const ok = (...args: string[]) => rigOk(max.home, args);
const json = <T>(...args: string[]): Promise<T> => rigJson<T>(max.home, args);

interface Named {
  name: string;
}

describe('networks', () => {
  test('are made, listed, shown and deleted', async () => {
    const made = await json<Named & { hostname: string }>('create', 'network', 'life');
    expect(made).toMatchObject({ name: 'life', hostname: 'life.localhost' });
    expect((await ok('list', 'networks', '-o', 'name')).stdout.split('\n')).toContain('life');
    expect((await ok('list', 'networks')).stdout).toMatch(/^life +life\.localhost +0 /m);
    expect(await json('status', 'network', 'life')).toMatchObject({ network: { name: 'life' }, apps: [] });
    expect((await ok('status', 'network', 'life')).stdout).toContain('rig create app api --network life');
    expect(await json('details', 'network', 'life')).toMatchObject({ network: { name: 'life' }, apps: [] });
    expect(await json('delete', 'network', 'life', '--yes')).toEqual({ deleted: 'network', name: 'life' });
    expect((await json<Named[]>('list', 'networks')).map(({ name }) => name)).not.toContain('life');
  });

  test('get a name from Max where none is given', async () => {
    const { name } = await json<Named>('create', 'network');
    expect(name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
    await ok('delete', 'network', name, '--yes');
  });

  test('say on stderr what is acted on, and nothing there in a form for scripts', async () => {
    const shown = await ok('create', 'network', 'target');
    expect(shown.stderr).toContain(`network target on local (${max.url})`);
    expect(shown.stdout).not.toContain(max.url);
    expect((await ok('delete', 'network', 'target', '--yes', '-o', 'ndjson')).stderr).toBe('');
  });

  test('with apps are not deleted: the error names the apps', async () => {
    await ok('create', 'network', 'full');
    await ok('create', 'app', 'one.full');
    await expectFailure(max.home, ['delete', 'network', 'full', '--yes'], {
      code: 'RIG_NETWORK_NOT_EMPTY',
      exitCode: 5,
      message: /full/,
      hint: /rig delete app one\.full/,
    });
  });
});

describe('apps', () => {
  beforeAll(() => ok('create', 'network', 'shop'));

  test('are made, listed, shown and deleted', async () => {
    const app = await json('create', 'app', 'api', '--network', 'shop');
    const url = `http://api.shop.localhost:${max.port}`;
    expect(app).toMatchObject({
      name: 'api',
      network: 'shop',
      hostname: 'api.shop.localhost',
      url,
      state: 'empty',
      release: null,
    });
    expect(await json('list', 'apps', '--network', 'shop')).toMatchObject([{ name: 'api' }]);
    expect((await ok('list', 'apps', '-o', 'name')).stdout.split('\n')).toContain('api.shop');
    expect(await json('status', 'app', 'api.shop')).toMatchObject({
      app: { name: 'api' },
      instances: [],
      deployment: null,
    });
    expect((await ok('status', 'app', 'api', '--network', 'shop')).stdout).toContain(
      'Nothing deployed yet: rig deploy --app api.shop',
    );
    expect((await ok('details', 'app', 'api.shop')).stdout).toContain('api.shop.localhost');
    for (const history of ['builds', 'deployments', 'releases']) {
      expect(await json('list', history, '--app', 'api.shop')).toEqual([]);
      const { stdout, stderr } = await ok('list', history, '--app', 'api.shop');
      expect(stdout).toBe('');
      expect(stderr).toContain(`No ${history} yet`);
    }
    expect(await json('delete', 'app', 'api.shop', '--yes')).toEqual({ deleted: 'app', name: 'api.shop' });
    expect(await json('list', 'apps', '--network', 'shop')).toEqual([]);
  });

  test('are listed up to a limit, over several pages', async () => {
    await ok('create', 'network', 'many');
    for (const name of ['a', 'b', 'c']) await ok('create', 'app', `${name}.many`);
    const names = async (...args: string[]) =>
      (await json<Named[]>('list', 'apps', '--network', 'many', ...args)).map(({ name }) => name);
    expect(await names()).toEqual(['a', 'b', 'c']);
    expect(await names('--limit', '2')).toEqual(['a', 'b']);
  });

  test('are deleted after a question: without an answer nothing happens', async () => {
    await ok('create', 'network', 'question');
    await ok('create', 'app', 'kept.question');
    await expectFailure(max.home, ['delete', 'app', 'kept.question'], {
      code: 'RIG_NO_TERMINAL',
      exitCode: 2,
      message: /./,
      hint: /--yes/,
    });
    expect(await json('status', 'app', 'kept.question')).toMatchObject({ app: { name: 'kept' } });
    // What would be refused anyway is not asked for.
    await expectFailure(max.home, ['delete', 'network', 'question'], {
      code: 'RIG_NETWORK_NOT_EMPTY',
      exitCode: 5,
      message: /has an app/,
      hint: /rig delete app kept\.question/,
    });
  });
});

describe('errors', () => {
  beforeAll(() => ok('create', 'network', 'err'));

  test.each([
    ['a bad network name', ['create', 'network', 'My_Net'], 'RIG_BAD_NAME', 2, /My_Net/, /rig create network my-net/],
    ['a bad app name', ['create', 'app', '9lives.err'], 'RIG_BAD_NAME', 2, /9lives/, /lives/],
    ['a network name that is taken', ['create', 'network', 'err'], 'RIG_NAME_TAKEN', 5, /err/, /rig list networks/],
    [
      'an app in no network',
      ['create', 'app', 'api.nowhere'],
      'RIG_NETWORK_NOT_FOUND',
      3,
      /nowhere/,
      /rig create network nowhere/,
    ],
    [
      'an unknown app',
      ['status', 'app', 'nobody.err'],
      'RIG_APP_NOT_FOUND',
      3,
      /nobody/,
      /rig list apps --network err/,
    ],
    [
      'an unknown network',
      ['details', 'network', 'nowhere'],
      'RIG_NETWORK_NOT_FOUND',
      3,
      /nowhere/,
      /rig list networks/,
    ],
    [
      'the apps of an unknown network',
      ['list', 'apps', '--network', 'nowhere'],
      'RIG_NETWORK_NOT_FOUND',
      3,
      /nowhere/,
      /rig list networks/,
    ],
    [
      'the builds of an unknown app',
      ['list', 'builds', '--app', 'nobody.err'],
      'RIG_APP_NOT_FOUND',
      3,
      /nobody/,
      /rig list apps/,
    ],
    [
      'deleting an unknown app',
      ['delete', 'app', 'nobody.err', '--yes'],
      'RIG_APP_NOT_FOUND',
      3,
      /nobody/,
      /rig list apps/,
    ],
    [
      'deleting an unknown network',
      ['delete', 'network', 'nowhere', '--yes'],
      'RIG_NETWORK_NOT_FOUND',
      3,
      /nowhere/,
      /rig list networks/,
    ],
    ['a bad limit', ['list', 'networks', '--limit', '0'], 'RIG_BAD_OPTION', 2, /--limit/, /--limit 20/],
  ] as const)('%s', async (_, args, code, exitCode, message, hint) => {
    await expectFailure(max.home, args, { code, exitCode, message, hint });
  });

  test('an app name that is taken', async () => {
    await ok('create', 'app', 'twice.err');
    await expectFailure(max.home, ['create', 'app', 'twice.err'], {
      code: 'RIG_NAME_TAKEN',
      exitCode: 5,
      message: /twice/,
      hint: /rig deploy --app twice\.err/,
    });
  });

  test('a bad name is refused before any request', async () => {
    const env = { RIG_SERVER: 'http://127.0.0.1:9', RIG_TOKEN: 'max_api_none' };
    const { exitCode, stderr } = await rig(max.home, ['create', 'network', 'Bad'], { env });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('RIG_BAD_NAME') });
  });
});
