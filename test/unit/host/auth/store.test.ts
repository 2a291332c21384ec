import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthHost, CredentialStore } from '../../../../host/src/auth/index.ts';
import { openStore } from '../../../../host/src/auth/index.ts';
import { failure } from '../http/serve.ts';
import { createUser, type User } from './user.ts';

const SERVER = 'https://max.example.com';
const refresh = {
  kind: 'refresh' as const,
  secret: 'sentinel-refresh',
  server: SERVER,
  subject: 'ada',
  expiresAt: '2090-01-01T00:00:00.000Z',
};
const access = { ...refresh, kind: 'access' as const, secret: 'sentinel-access', expiresAt: null };

let user: User;
beforeEach(() => {
  user = createUser();
});
afterEach(() => user.remove());
const open = (io: Partial<AuthHost['io']> = {}): CredentialStore => {
  const host = user.host();
  return openStore({ ...host, io: { ...host.io, ...io } });
};
const reveal = async (store: CredentialStore, kind: 'refresh' | 'access' = 'refresh'): Promise<string | undefined> => {
  const found = await store.find(kind, SERVER);
  return found && store.reveal(found);
};
const windows = process.platform === 'win32';

describe('the file', () => {
  it('is 0600 in a folder 0700 whatever the umask', async () => {
    const umask = process.umask(0);
    try {
      await open().save([refresh, access]);
    } finally {
      process.umask(umask);
    }
    if (!windows) expect([statSync(user.file).mode & 0o777, statSync(user.dir).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readdirSync(user.dir)).toEqual(['credentials.json']);
    expect(await reveal(open())).toBe('sentinel-refresh');
    expect(await reveal(open(), 'access')).toBe('sentinel-access');
  });

  it('has one record of a kind for a user of a server, the newest found first', async () => {
    const store = open();
    await store.save([refresh]);
    await store.save([{ ...refresh, subject: 'bob', secret: 'of-bob' }]);
    await store.save([{ ...refresh, secret: 'second' }]);
    expect(await store.list()).toHaveLength(2);
    expect(await reveal(store)).toBe('second');
    expect((await store.find('refresh', SERVER, 'bob'))?.subject).toBe('bob');
    expect(await store.find('refresh', 'https://other.example.com')).toBeUndefined();
  });

  it('loses nothing when many write at once', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `user${i}`);
    await Promise.all(names.map((subject) => open().save([{ ...refresh, subject }])));
    expect((await open().list()).map(({ subject }) => subject).sort()).toEqual(names.sort());
  });

  it('clears away what a killed rig left half written', async () => {
    mkdirSync(user.dir, { recursive: true });
    writeFileSync(join(user.dir, 'credentials.json.0123456789abcdef.tmp'), 'sentinel-half');
    await open().save([refresh]);
    expect(readdirSync(user.dir)).toEqual(['credentials.json']);
  });

  it.skipIf(windows)('that others may read is mended, with a warning', async () => {
    await open().save([refresh]);
    chmodSync(user.file, 0o644);
    expect(await reveal(open())).toBe('sentinel-refresh');
    expect(statSync(user.file).mode & 0o777).toBe(0o600);
    expect(user.warned).toEqual([expect.stringMatching(/^RIG_CREDENTIALS_MODE .*could be read by others \(0644\)/)]);
  });

  it.skipIf(windows)('is mended where others may write to its folder', async () => {
    await open().save([refresh]);
    chmodSync(user.dir, 0o777);
    await open().save([access]);
    expect(statSync(user.dir).mode & 0o777).toBe(0o700);
    expect(user.warned).toEqual([expect.stringMatching(/^RIG_CREDENTIALS_MODE /)]);
  });

  it.skipIf(windows)('that is a symlink is refused, and its goal is left alone', async () => {
    mkdirSync(user.dir, { recursive: true });
    const goal = join(user.dir, 'goal');
    writeFileSync(goal, 'precious', { mode: 0o644 });
    symlinkSync(goal, user.file);
    for (const work of [() => open().list(), () => open().save([refresh])]) {
      expect(await failure(work())).toMatchObject({
        code: 'RIG_CREDENTIALS_UNSAFE',
        exitCode: 4,
        message: expect.stringContaining('symlink'),
      });
    }
    expect([readFileSync(goal, 'utf8'), statSync(goal).mode & 0o777]).toEqual(['precious', 0o644]);
  });

  it.skipIf(windows)('that is a folder or belongs to somebody else is refused', async () => {
    mkdirSync(user.file, { recursive: true });
    expect(await failure(open().list())).toMatchObject({ code: 'RIG_CREDENTIALS_UNSAFE' });
    user.remove();
    await open().save([refresh]);
    const stranger = { uid: statSync(user.file).uid + 1 };
    expect(await failure(open(stranger).list())).toMatchObject({
      code: 'RIG_CREDENTIALS_UNSAFE',
      message: expect.stringContaining('belongs to user'),
    });
    expect(await failure(open(stranger).save([access]))).toMatchObject({ code: 'RIG_CREDENTIALS_UNSAFE' });
  });

  it.each([
    ['half a document', '{"version":1,"credentials":[{"secret":"sentinel-x"', 'not valid JSON'],
    ['another document', '[]', 'not a file of credentials'],
    ['an incomplete record', '{"version":1,"credentials":[{"kind":"refresh","secret":"sentinel-x"}]}', 'not complete'],
    ['a newer layout', '{"version":2,"credentials":{}}', 'a newer rig has written it'],
  ])('with %s is refused, never overwritten, and its text not repeated', async (_, text, why) => {
    mkdirSync(user.dir, { recursive: true });
    writeFileSync(user.file, text, { mode: 0o600 });
    for (const work of [() => open().list(), () => open().save([refresh])]) {
      const error = await failure(work());
      expect(error).toMatchObject({
        code: 'RIG_CREDENTIALS_BROKEN',
        exitCode: 4,
        message: expect.stringContaining(why),
      });
      expect(`${error.message}${error.hint}`).not.toContain('sentinel');
    }
    expect(readFileSync(user.file, 'utf8')).toBe(text);
  });

  it('in a folder that cannot be made is RIG_CREDENTIALS_WRITE', async () => {
    writeFileSync(user.dir, 'a file in its place');
    expect(await failure(open().save([refresh]))).toMatchObject({
      code: 'RIG_CREDENTIALS_WRITE',
      message: expect.stringContaining(user.file),
    });
  });
});

describe('under RIG_PASSPHRASE', () => {
  const under = (passphrase: string | undefined): CredentialStore => {
    user.env = { RIG_KEYCHAIN: 'off', ...(passphrase === undefined ? {} : { RIG_PASSPHRASE: passphrase }) };
    return open();
  };

  it('secrets are sealed, and open with the same passphrase alone', async () => {
    await under('correct horse').save([refresh, access]);
    expect(readFileSync(user.file, 'utf8')).not.toContain('sentinel');
    expect(await reveal(under('correct horse'))).toBe('sentinel-refresh');
    expect(await failure(reveal(under('wrong')))).toMatchObject({ code: 'RIG_PASSPHRASE_WRONG', exitCode: 4 });
    expect(await failure(reveal(under(undefined)))).toMatchObject({ code: 'RIG_PASSPHRASE_MISSING', exitCode: 4 });
    expect(user.said).toEqual([`The sign-in is stored in ${user.file}, encrypted under RIG_PASSPHRASE.`]);
  });

  it('a record that was turned to another server does not open', async () => {
    await under('correct horse').save([refresh]);
    writeFileSync(user.file, readFileSync(user.file, 'utf8').replaceAll('max.example.com', 'evil.example.com'));
    const found = await under('correct horse').find('refresh', 'https://evil.example.com');
    expect(found).toBeDefined();
    expect(await failure(under('correct horse').reveal(found!))).toMatchObject({ code: 'RIG_PASSPHRASE_WRONG' });
  });

  it('what was stored plainly before is still read', async () => {
    await under(undefined).save([refresh]);
    expect(await reveal(under('new'))).toBe('sentinel-refresh');
  });

  it('a record of another passphrase is kept when one is added', async () => {
    await under('first').save([refresh]);
    await under('second').save([{ ...refresh, subject: 'bob' }]);
    const found = await under('first').find('refresh', SERVER, 'ada');
    expect(await under('first').reveal(found!)).toBe('sentinel-refresh');
  });
});

it('makes no file where nothing is stored', async () => {
  expect(await open().list()).toEqual([]);
  expect(existsSync(user.dir)).toBe(false);
});
