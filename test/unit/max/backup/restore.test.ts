import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Principal } from '../../../../plugins/max/src/auth/authority.ts';
import { prepareRestored } from '../../../../plugins/max/src/backup/prepare-restored.ts';
import { restore, verify } from '../../../../plugins/max/src/backup/restore.ts';
import { Audit } from '../../../../plugins/max/src/store/audit.ts';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { Seal } from '../../../../plugins/max/src/store/seal.ts';
import { Users } from '../../../../plugins/max/src/store/users.ts';
import { type ForgedEntry, forgeBackup } from '../../../support/backup-file.ts';

let root: string;
let dir: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'max-restore-'));
  dir = join(root, 'state');
  file = join(root, 'backup.tar.gz');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = () => restore({ dir, file, signal: new AbortController().signal, onProgress: () => undefined });
const code = (work: Promise<unknown>) => expect(work.catch((error) => Promise.reject(error.code))).rejects;
const APP = 'apps/app_abc/home';

describe('a file that is no good backup leaves nothing behind', () => {
  const hostile: Array<[string, ForgedEntry[], string?]> = [
    ['an absolute path', [{ path: '/etc/x' }]],
    ['a path that leads out', [{ path: `${APP}/../../../../x` }]],
    ['a path that Max does not have', [{ path: 'max.json' }]],
    ['a file where Max has a folder', [{ path: APP }]],
    ['a symlink where Max has a folder', [{ path: APP, type: 'symlink', target: '/tmp' }]],
    ['a symlink where Max has a file', [{ path: 'max.db', type: 'symlink', target: '/etc/passwd' }]],
    ['a symlink in a log', [{ path: 'logs/apps/app_abc/0000000000000001.log', type: 'symlink', target: '/x' }]],
    [
      'a file through a symlink',
      [
        { path: `${APP}/out`, type: 'symlink', target: '../../../../' },
        { path: `${APP}/out/evil`, text: 'x' },
      ],
    ],
    [
      'a folder over a symlink',
      [
        { path: `${APP}/out`, type: 'symlink', target: '/tmp' },
        { path: `${APP}/out`, type: 'folder' },
      ],
    ],
    ['a file twice', [{ path: `${APP}/a` }, { path: `${APP}/a` }]],
    ['a device', [{ path: `${APP}/a`, code: '3' }]],
    ['a hard link', [{ path: `${APP}/a`, code: '1' }]],
    ['another file than its digest says', [{ path: `${APP}/a`, text: 'abc', damaged: 'abX' }], 'RIG_BACKUP_INVALID'],
    ['no database', [{ path: 'max.key', text: 'k'.repeat(32) }], 'RIG_BACKUP_INVALID'],
    [
      'a database that is none',
      [
        { path: 'max.key', text: 'k'.repeat(32) },
        { path: 'max.db', text: 'no database at all'.repeat(100) },
      ],
      'RIG_BACKUP_INVALID',
    ],
  ];
  test.each(hostile)('%s', async (_, entries, expected = 'RIG_BACKUP_UNSAFE') => {
    forgeBackup(file, entries);
    await code(run()).toBe(expected);
    expect(readdirSync(root)).toEqual(['backup.tar.gz']);
  });

  test.each<[string, object, string]>([
    ['of a newer format', { header: { format: 99 } }, 'RIG_BACKUP_NEWER'],
    ['with a newer database', { header: { schema: 9999 } }, 'RIG_BACKUP_NEWER'],
    ['of another kind', { header: { kind: 'holiday photos' } }, 'RIG_BACKUP_INVALID'],
    ['that lacks an entry', { end: { entries: 7 } }, 'RIG_BACKUP_INVALID'],
  ])('%s', async (_, change, expected) => {
    forgeBackup(file, [{ path: `${APP}/a`, text: 'a' }], change);
    await code(run()).toBe(expected);
    await code(verify({ file, signal: new AbortController().signal, onProgress: () => undefined })).toBe(expected);
    expect(readdirSync(root)).toEqual(['backup.tar.gz']);
  });

  test('no archive, another archive, none at all, a folder', async () => {
    writeFileSync(file, 'hello');
    await code(run()).toBe('RIG_BACKUP_INVALID');
    writeFileSync(file, '');
    await code(run()).toBe('RIG_BACKUP_INVALID');
    writeFileSync(file, gzipSync('hello'.repeat(1000)));
    await code(run()).toBe('RIG_BACKUP_INVALID');
    rmSync(file);
    await code(run()).toBe('RIG_BACKUP_NOT_FOUND');
    mkdirSync(file);
    await code(run()).toBe('RIG_BACKUP_NOT_FOUND');
    expect(existsSync(dir)).toBe(false);
  });

  test('one that was cut, wherever', async () => {
    forgeBackup(file, [{ path: `${APP}/a`, text: 'abc'.repeat(1000) }]);
    const whole = readFileSync(file);
    for (let size = whole.length - 9; size > 0; size -= 37) {
      truncateSync(file, size);
      await code(run()).toBe('RIG_BACKUP_INVALID');
    }
    expect(existsSync(dir)).toBe(false);
  });
});

test('a folder that was there is as it was after a failure', async () => {
  mkdirSync(dir);
  const database = openDatabase(join(dir, 'max.db'));
  // Else the file takes up its write-ahead log whenever the driver lets go of it.
  database.singleFile();
  database.close();
  writeFileSync(join(dir, 'rig-max-state'), 'The state of an embedded Max. Remove it with: rig max reset\n');
  const before = readFileSync(join(dir, 'max.db'));
  forgeBackup(file, [{ path: '/evil' }]);
  await code(run()).toBe('RIG_BACKUP_UNSAFE');
  expect(readFileSync(join(dir, 'max.db'))).toEqual(before);
  expect(readdirSync(dir).filter((name) => /restor|replaced/.test(name))).toEqual([]);
});

test('a restore that is interrupted changes nothing', async () => {
  forgeBackup(file, [{ path: `${APP}/a`, text: 'a' }]);
  const signal = AbortSignal.abort();
  await code(restore({ dir, file, signal, onProgress: () => undefined })).toBe('RIG_INTERRUPTED');
  expect(existsSync(dir)).toBe(false);
});

test('what went on when a backup was made is closed in its audit, and nobody ends it for that', async () => {
  mkdirSync(dir);
  const database = openDatabase(join(dir, 'max.db'));
  const principal = { user: new Users(database).owner('me'), grant: 'tok_x', scopes: [] } as unknown as Principal;
  for (const outlives of [false, true])
    new Audit(database).begin({
      ...{ principal, outlives, action: 'command', at: new Date().toISOString(), from: '127.0.0.1', what: 'sleep 9' },
      ...{ network: 'shop', networkId: 'net_x', app: 'api', appId: 'app_x', instance: 'web.1', release: 1 },
      session: outlives ? 'ses_detached' : 'ses_attached',
    });
  database.singleFile();
  database.close();
  Seal.open(join(dir, 'max.key'));
  await prepareRestored(file, dir);
  const restored = openDatabase(join(dir, 'max.db'));
  const audit = new Audit(restored);
  expect([...audit.open(), ...audit.openOutliving()]).toEqual([]);
  const end = expect.objectContaining({ reason: 'abandoned', detail: expect.stringContaining('backup') });
  expect(audit.page({}, 100, 100).map((line) => line.end)).toEqual([end, end]);
  restored.close();
});
