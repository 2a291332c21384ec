import type { Config, Permission, Services } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import { ALL_PERMISSIONS, scope } from '../../../host/src/services.ts';

/** Services that say what was called; nothing behind them matters to what a permission opens. */
function services() {
  const calls: string[] = [];
  const called =
    (name: string) =>
    async (...args: unknown[]) =>
      void calls.push([name, ...args].join(' '));
  const config = {
    get: (key: string) => `value of ${key}`,
    get projectDir() {
      return '/project';
    },
    set: called('set'),
    setMany: called('setMany'),
    unset: called('unset'),
    writeProject: called('writeProject'),
    at: async () => config,
  } as unknown as Config;
  const made = {
    http: called('http'),
    socket: called('socket'),
    auth: async () => ({ token: async () => 's3cret', identity: async () => ({ subject: 'ada' }) }),
    config: async () => config,
    runtime: {
      get cwd(): string {
        calls.push('cwd');
        return '/here';
      },
      env: { RIG_TOKEN: 's3cret', RIG_PASSPHRASE: 's3cret', HOME: '/home' },
      version: '1.2.3',
    },
  } as unknown as Services;
  return { calls, made };
}

const refused = (permission: Permission) =>
  expect.objectContaining({
    code: 'RIG_PERMISSION',
    exitCode: 8,
    message: expect.stringContaining('"mine"'),
    hint: expect.stringContaining(`permissions: ['${permission}']`),
  });

describe('without permissions', () => {
  test('a plugin reaches neither Max nor a token, and is told the line to add', async () => {
    const { made, calls } = services();
    const mine = scope(made, 'mine', []);
    await expect(mine.http()).rejects.toEqual(refused('http'));
    await expect(mine.socket()).rejects.toEqual(refused('socket'));
    await expect((await mine.auth()).token()).rejects.toEqual(refused('auth:token'));
    expect(await (await mine.auth()).identity()).toEqual({ subject: 'ada' });
    expect(calls).toEqual([]);
  });

  test('it reads settings and writes none, in another folder neither', async () => {
    const { made, calls } = services();
    const config = await scope(made, 'mine', []).config();
    expect(config.get('network')).toBe('value of network');
    expect(config.projectDir).toBe('/project');
    for (const one of [config, await config.at('/other')]) {
      await expect(one.set('network', 'shop')).rejects.toEqual(refused('config:write'));
      await expect(one.writeProject('.', {})).rejects.toEqual(refused('config:write'));
    }
    expect(calls).toEqual([]);
  });

  test('it does not see the variables that sign in, and the folder is asked for only when it asks', () => {
    const { made, calls } = services();
    const { runtime } = scope(made, 'mine', ['http']);
    expect(runtime.env).toEqual({ HOME: '/home' });
    expect(runtime.version).toBe('1.2.3');
    expect(calls).toEqual([]);
    expect(runtime.cwd).toBe('/here');
  });
});

test('with all permissions it has everything', async () => {
  const { made, calls } = services();
  const mine = scope(made, 'mine', ALL_PERMISSIONS);
  await mine.http();
  await mine.socket();
  await (await mine.config()).set('network', 'shop');
  expect(await (await mine.auth()).token()).toBe('s3cret');
  expect(mine.runtime.env.RIG_TOKEN).toBe('s3cret');
  expect(calls).toEqual(['http', 'socket', 'set network shop']);
});
