import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { createHome, type Home } from '../support/home.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { makePlugin, oneCommand } from '../support/plugin.ts';
import { type RigResult, rig, rigOk } from '../support/rig.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
});
afterAll(() => max.stop());

/** Files below a folder that hold any of the texts, relative to it. */
function holders(dir: string, texts: readonly string[]): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const file = join(dir, entry);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const bytes = readFileSync(file);
    if (texts.some((text) => bytes.includes(text))) found.push(relative(dir, file));
  }
  return found.sort();
}

/** The secrets in the credentials store. */
function stored(home: Home): string[] {
  const text = readFileSync(join(home.dir, 'data', 'rig', 'credentials.json'), 'utf8');
  return [...text.matchAll(/"(?:secret|token|access|refresh)[^"]*"\s*:\s*"([^"]{16,})"/g)].map(([, secret]) =>
    String(secret),
  );
}

const CREDENTIALS = 'data/rig/credentials.json';
const OWNER_TOKEN = 'state/rig/max/owner-token';

test('tokens are in the credentials store and in the owner file alone, whatever was done', async () => {
  const said: RigResult[] = [];
  const run = async (args: string[], options: Parameters<typeof rig>[2] = {}): Promise<void> => {
    said.push(await rig(max.home, args, options));
  };
  await deploy(
    max,
    'api.shop',
    await writeNodeApp(join(max.home.dir, 'app'), answering('x', 'console.log(JSON.stringify(process.env));')),
  );
  await askApp(max, 'api.shop', '/?token=none');
  for (const form of ['table', 'json']) {
    const debug = { env: { RIG_DEBUG: '1' } };
    await run(['whoami', '-o', form], debug);
    await run(['login', '--token-stdin', '-o', form], { input: max.token, ...debug });
    await run(['status', 'app', 'nope.shop', '-o', form], debug);
    await run(['list', 'apps', '--verbose', '--trace', '-o', form], debug);
    await run(['logs', 'app', 'api.shop', '--no-follow', '-o', form], debug);
    await run(['config', 'list', '--show-origin', '-o', form], { env: { RIG_TOKEN: max.token } });
    await run(['list', 'apps', '-o', form], {
      env: { RIG_TOKEN: max.token, RIG_SERVER: 'http://127.0.0.1:1', RIG_DEBUG: '1' },
    });
    await run(['logs', 'app', 'api.shop', '-o', 'ndjson'], {
      env: { RIG_TOKEN: `${max.token}x`, RIG_SERVER: max.url, RIG_DEBUG: '1' },
    });
    // A token in the wrong place is refused without being said again.
    await run([max.token, '-o', form], debug);
    await run(['login', max.token, '-o', form], debug);
    await run(['login', '--token-stdin', '--server', `http://user:${max.token}@127.0.0.1:${max.port}`, '-o', form], {
      input: 'x',
      ...debug,
    });
  }
  await rigOk(max.home, ['logout']);
  await rigOk(max.home, ['login', '--token-stdin'], { input: max.token });
  await run(['max', 'logs', '--no-follow', '--lines', '10000']);

  const secrets = [max.token, ...stored(max.home)];
  expect(secrets.length).toBeGreaterThan(1);
  for (const { stdout, stderr } of said) for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
  expect(holders(max.home.dir, secrets)).toEqual([CREDENTIALS, OWNER_TOKEN]);
  for (const file of [CREDENTIALS, OWNER_TOKEN]) expect(statSync(join(max.home.dir, file)).mode & 0o777).toBe(0o600);
  // An app knows nothing of who deployed it.
  expect(holders(join(max.home.dir, 'state', 'rig', 'max'), secrets)).toEqual(['owner-token']);
});

test('a sentinel that is refused is kept nowhere and said nowhere', async () => {
  const home = createHome();
  const sentinel = 'max_api_SENTINEL0123456789abcdefSENTINEL';
  const said: RigResult[] = [];
  for (const form of ['table', 'json']) {
    said.push(
      await rig(home, ['login', '--server', max.url, '--token-stdin', '-o', form], {
        input: sentinel,
        env: { RIG_DEBUG: '1' },
      }),
    );
    said.push(
      await rig(home, ['list', 'apps', '-o', form], {
        env: { RIG_SERVER: max.url, RIG_TOKEN: sentinel, RIG_DEBUG: '1' },
      }),
    );
    said.push(
      await rig(home, ['list', 'apps', '-o', form], {
        env: { RIG_SERVER: 'http://127.0.0.1:1', RIG_TOKEN: sentinel, RIG_DEBUG: '1' },
      }),
    );
  }
  expect(said.map(({ exitCode }) => exitCode)).toEqual([4, 4, 6, 4, 4, 6]);
  for (const { stdout, stderr } of said) expect(stdout + stderr).not.toContain('SENTINEL');
  expect(holders(home.dir, ['SENTINEL'])).toEqual([]);
  await home.remove();
});

test('the report of an internal error has no token in it', async () => {
  const home = createHome({ RIG_TOKEN: 'max_api_SENTINEL0123456789abcdefSENTINEL' });
  const dir = await makePlugin(
    home,
    'leaky',
    oneCommand('leaky', "throw new Error('Authorization: Bearer ' + services.runtime.env.RIG_TOKEN);"),
  );
  await rigOk(home, ['plugins', 'link', dir]);
  for (const form of ['table', 'json']) {
    const { exitCode, stdout, stderr } = await rig(home, ['leaky', '-o', form], { env: { RIG_DEBUG: '1' } });
    expect(exitCode).toBe(1);
    expect(stdout + stderr).not.toContain('SENTINEL');
  }
  expect(readdirSync(join(home.dir, 'state', 'rig', 'reports')).length).toBe(2);
  expect(holders(home.dir, ['SENTINEL'])).toEqual([]);
  await home.remove();
});
