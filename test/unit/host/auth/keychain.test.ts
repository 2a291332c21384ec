import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CredentialStore, openStore } from '../../../../host/src/auth/index.ts';
import type { KeychainAccess } from '../../../../host/src/auth/keychain.ts';
import { openKeychain } from '../../../../host/src/auth/keychain.ts';
import { hasTools } from '../../../support/tools.ts';
import { failure } from '../http/serve.ts';
import { createUser, type User } from './user.ts';

const SERVER = 'https://max.example.com';
const refresh = {
  kind: 'refresh' as const,
  secret: 'sentinel-refresh',
  server: SERVER,
  subject: 'ada',
  expiresAt: null,
};

let user: User;
beforeEach(() => {
  user = createUser({});
});
afterEach(() => user.remove());

const inSession = (args: string[], env: Record<string, string> = {}, options: string[] = []): string =>
  execFileSync('dbus-run-session', [...options, '--', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const node = (script: string): string[] => [
  process.execPath,
  '--import',
  'tsx',
  '--conditions=rig-source',
  join(import.meta.dirname, script),
  user.dir,
];

describe('where the keychain is out of reach', () => {
  it('RIG_KEYCHAIN=off says so', async () => {
    user.env = { RIG_KEYCHAIN: 'off' };
    expect(await openKeychain(user.host())).toEqual({ reason: 'RIG_KEYCHAIN=off' });
  });

  it.skipIf(process.platform !== 'linux' || process.env.DBUS_SESSION_BUS_ADDRESS !== undefined)(
    'the file is used, and the reason said (Linux without a D-Bus session)',
    async () => {
      const store = openStore(user.host());
      expect(await store.save([refresh])).toBe('file');
      expect(user.said[1]).toBe('The keychain is out of reach: there is no D-Bus session here, as over ssh.');
    },
  );

  it.skipIf(process.platform !== 'linux' || !hasTools('dbus-run-session'))(
    'a D-Bus session without a Secret Service is named as that (skipped where dbus-run-session is not installed)',
    () => {
      // A bus of its own making starts no services, whatever is installed.
      const config = join(user.dir, '..', 'bus.conf');
      writeFileSync(
        config,
        '<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>',
      );
      const said = inSession(node('keychain-process.ts'), {}, [`--config-file=${config}`]);
      expect(said).toContain('"reason":"no Secret Service runs here');
    },
  );
});

describe('a store whose keychain comes and goes', () => {
  // The seam that a real keychain stands behind: what it holds outlives the store, as a daemon does.
  const entries = new Map<string, string>();
  const reachable = async (): Promise<KeychainAccess> => ({
    keychain: {
      get: async (account) => entries.get(account),
      set: async (account, secret) => void entries.set(account, secret),
      remove: async (account) => void entries.delete(account),
    },
  });
  const lost = async (): Promise<KeychainAccess> => ({ reason: 'there is no D-Bus session here, as over ssh' });
  const broken = async (): Promise<KeychainAccess> => {
    const fail = async (): Promise<never> => Promise.reject(new Error('it is locked'));
    return { keychain: { get: fail, set: fail, remove: fail } };
  };
  const open = (access: () => Promise<KeychainAccess>): CredentialStore => openStore(user.host(), access);
  beforeEach(() => entries.clear());

  it('keeps secrets in the keychain, and in the file only that they are there', async () => {
    const store = open(reachable);
    expect(await store.save([refresh])).toBe('keychain');
    expect(readFileSync(user.file, 'utf8')).not.toContain('sentinel');
    expect([...entries.keys()]).toEqual([`refresh ada@${SERVER}`]);
    const found = await open(reachable).find('refresh', SERVER);
    expect(found?.place).toBe('keychain');
    expect(await open(reachable).reveal(found!)).toBe('sentinel-refresh');
    expect(user.said).toEqual([]);
  });

  it.each([
    ['gone', lost, 'no D-Bus session'],
    ['locked', broken, 'it is locked'],
  ])('says that the sign-in lies in a keychain that is %s, and how to go on', async (_, access, why) => {
    await open(reachable).save([refresh]);
    const store = open(access);
    const found = await store.find('refresh', SERVER);
    const error = await failure(store.reveal(found!));
    expect(error).toMatchObject({ code: 'RIG_KEYCHAIN_UNREACHABLE', exitCode: 4 });
    expect(error.message).toContain(why);
    expect(error.hint).toContain('rig login');
    expect(error.hint).toContain('RIG_TOKEN');
  });

  it('falls back to the file where storing fails, and says why', async () => {
    const store = open(broken);
    expect(await store.save([refresh])).toBe('file');
    expect(user.said[1]).toBe('The keychain is out of reach: it is locked.');
  });

  it('renews a sign-in where it lies', async () => {
    await open(lost).save([refresh]);
    expect(await open(reachable).save([{ ...refresh, secret: 'next' }], 'file')).toBe('file');
    expect(entries.size).toBe(0);
  });

  it('knows that an entry was removed by hand', async () => {
    await open(reachable).save([refresh]);
    entries.clear();
    const found = await open(reachable).find('refresh', SERVER);
    expect(await open(reachable).reveal(found!)).toBeUndefined();
  });

  it('forgets both the record and the entry; where the entry cannot be reached it is named', async () => {
    await open(reachable).save([refresh]);
    await open(reachable).remove(await open(reachable).list());
    expect([entries.size, (await open(reachable).list()).length]).toEqual([0, 0]);
    await open(reachable).save([refresh]);
    await open(lost).remove(await open(lost).list());
    expect(await open(lost).list()).toEqual([]);
    expect(user.warned).toEqual([
      expect.stringMatching(/^RIG_KEYCHAIN_UNREACHABLE .*"refresh ada@https:\/\/max\.example\.com"/),
    ]);
  });
});

const real = process.platform === 'linux' && hasTools('dbus-run-session', 'gnome-keyring-daemon');
describe.skipIf(!real)(
  'a real GNOME Keyring (skipped where dbus-run-session or gnome-keyring-daemon is not installed)',
  () => {
    it('stores, gives back and forgets', () => {
      const home = join(user.dir, '..', 'home');
      mkdirSync(home, { mode: 0o700 });
      const password = randomUUID();
      const unlock = `printf %s ${password} | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"`;
      const said = inSession(['sh', '-c', unlock, 'sh', ...node('keychain-process.ts')], {
        HOME: home,
        XDG_DATA_HOME: home,
        XDG_RUNTIME_DIR: home,
      });
      expect(JSON.parse(said.trim().split('\n').at(-1) ?? '')).toEqual({
        place: 'keychain',
        same: true,
        inFile: false,
        left: 0,
      });
    });
  },
);
