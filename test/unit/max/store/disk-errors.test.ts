import { expect, test } from 'vitest';
import { asProblemError, storageFull } from '../../../../plugins/max/src/http/problem.ts';
import { DiskRoom } from '../../../../plugins/max/src/store/disk-room.ts';

const room = new DiskRoom('/tmp');
const failure = (code: string, path?: string): Error => Object.assign(new Error(`${code}: it said`), { code, path });

test.each([
  [failure('ENOSPC', '/s/f'), 507, 'RIG_STORAGE_FULL'],
  [failure('EDQUOT', '/s/f'), 507, 'RIG_STORAGE_FULL'],
  [failure('SQLITE_FULL'), 507, 'RIG_STORAGE_FULL'],
  [failure('SQLITE_IOERR_SHMSIZE'), 507, 'RIG_STORAGE_FULL'],
  [failure('EMFILE', '/s/f'), 503, 'RIG_BUSY'],
  [failure('ENFILE', '/s/f'), 503, 'RIG_BUSY'],
  [failure('SQLITE_BUSY'), 503, 'RIG_BUSY'],
  [failure('EROFS', '/s/f'), 500, 'RIG_STORAGE_FAILED'],
  [failure('EIO'), 500, 'RIG_STORAGE_FAILED'],
  [failure('EACCES', '/s/f'), 500, 'RIG_STORAGE_FAILED'],
  [failure('EPERM', '/s/f'), 500, 'RIG_STORAGE_FAILED'],
  [failure('SQLITE_READONLY'), 500, 'RIG_STORAGE_FAILED'],
  [failure('SQLITE_IOERR_WRITE'), 500, 'RIG_STORAGE_FAILED'],
  [failure('SQLITE_CANTOPEN'), 500, 'RIG_STORAGE_FAILED'],
  // A signal or a port, and no file.
  [failure('EPERM'), 500, 'RIG_INTERNAL'],
  [failure('EACCES'), 500, 'RIG_INTERNAL'],
  [failure('SQLITE_CONSTRAINT_UNIQUE'), 500, 'RIG_INTERNAL'],
  [new Error('x'), 500, 'RIG_INTERNAL'],
  [undefined, 500, 'RIG_INTERNAL'],
])('%s is answered with %i %s', (error, status, code) => {
  const problem = asProblemError(error, room);
  expect(problem).toMatchObject({ status, code });
  expect(problem.fix).toBeTruthy();
  if (code.startsWith('RIG_STORAGE')) expect(problem.message).toContain('/tmp');
});

test('a refusal stays what it is', () => {
  const refusal = storageFull('no room');
  expect(asProblemError(refusal, room)).toBe(refusal);
});
