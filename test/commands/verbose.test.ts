import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningMax, startMax } from '../support/max.ts';
import { makePlugin, oneCommand } from '../support/plugin.ts';
import { rig, rigOk } from '../support/rig.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
});
afterAll(() => max.stop());

test('--verbose says every request with its status and request id, and only where a person reads', async () => {
  const { stdout, stderr } = await rigOk(max.home, ['list', 'apps', '--verbose']);
  expect(stderr).toMatch(/^GET \/v1\/apps 200, \d+ ms, req_\w+$/m);
  expect(stdout).not.toContain('GET ');
  expect((await rigOk(max.home, ['list', 'apps'])).stderr).not.toContain('GET ');
  expect((await rigOk(max.home, ['list', 'apps', '--verbose', '-o', 'json'])).stderr).toBe('');
});

test('a plugin without auth:token sees no token in what rig hands it', async () => {
  const body = 'return { text: JSON.stringify([services.runtime.env, Object.keys(services)]) };';
  const dir = await makePlugin(max.home, 'looks', oneCommand('looks', body));
  await rigOk(max.home, ['plugins', 'link', dir]);
  const env = { RIG_TOKEN: max.token, RIG_PASSPHRASE: 'sentinel-passphrase' };
  const { stdout } = await rig(max.home, ['looks'], { env });
  expect(stdout).toContain('XDG_DATA_HOME');
  expect(stdout).not.toContain(max.token);
  expect(stdout).not.toContain('sentinel-passphrase');
  const asks = await makePlugin(
    max.home,
    'asks',
    oneCommand('asks', 'return { text: await (await services.auth()).token() };'),
  );
  await rigOk(max.home, ['plugins', 'link', asks]);
  const refused = await rig(max.home, ['asks'], { env });
  expect([refused.exitCode, refused.stdout]).toEqual([8, '']);
  expect(refused.stderr).toContain("permissions: ['auth:token']");
});
