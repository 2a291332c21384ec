import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { answering, writeNodeApp } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { createHome, type Home } from '../support/home.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { deadPort } from '../support/ports.ts';
import { rigOk } from '../support/rig.ts';

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
