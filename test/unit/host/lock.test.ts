import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../host/src/lock.ts';
import { createUser, type User } from './auth/user.ts';
import { failure } from './http/serve.ts';

let user: User;
let path: string;
beforeEach(() => {
  user = createUser();
  mkdirSync(user.dir, { recursive: true });
  path = join(user.dir, 'x.lock');
});
afterEach(() => user.remove());
const lock = <T>(work: () => Promise<T>, waitMs = 5000): Promise<T> =>
  withLock(path, user.host(), { waitMs, what: 'a test' }, work);
const heldBy = (holder: object): void =>
  writeFileSync(path, JSON.stringify({ id: 'other', host: hostname(), started: null, ...holder }));
/** The id of a process that ran and is no more. */
const deadPid = (): number => Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));

describe('withLock', () => {
  it('lets one work at a time, and all of them in the end', async () => {
    let inside = 0;
    let most = 0;
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        lock(async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
          return i;
        }),
      ),
    );
    expect({ most, results }).toEqual({ most: 1, results: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
    expect(existsSync(path)).toBe(false);
  });

  it('is free again after a failure', async () => {
    await expect(lock(async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lock(async () => 'yes')).toBe('yes');
  });

  it('takes over from a process that died, one at a time', async () => {
    heldBy({ pid: deadPid() });
    let inside = 0;
    let most = 0;
    const work = () =>
      lock(async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 8 }, work));
    expect(most).toBe(1);
  });

  it.skipIf(process.platform !== 'linux')('takes over from a process whose id another one has now', async () => {
    heldBy({ pid: process.pid, started: '1' });
    expect(await lock(async () => 'mine')).toBe('mine');
  });

  it('takes over from one that died before it wrote who it is, also in recovery', async () => {
    for (const file of [path, `${path}.recover`]) {
      writeFileSync(file, '');
      utimesSync(file, 1, 1);
    }
    expect(await lock(async () => 'mine')).toBe('mine');
  });

  it('waits for one that lives, then names it and its file', async () => {
    heldBy({ pid: process.pid });
    const error = await failure(lock(async () => 'mine', 0));
    expect(error).toMatchObject({ code: 'RIG_LOCKED', exitCode: 7, hint: expect.stringContaining(`rm ${path}`) });
    expect(error.message).toContain(`process id ${process.pid}`);
    expect(readFileSync(path, 'utf8')).toContain('other');
  });

  it('never takes over from another machine', async () => {
    heldBy({ pid: deadPid(), host: 'elsewhere' });
    expect(await failure(lock(async () => 'mine', 0))).toMatchObject({
      code: 'RIG_LOCKED',
      message: expect.stringContaining('elsewhere'),
    });
  });

  it('stops waiting at an interrupt', async () => {
    heldBy({ pid: process.pid });
    const work = withLock(
      path,
      { ...user.host(), signal: AbortSignal.abort() },
      { waitMs: 60_000, what: 'a test' },
      async () => 'mine',
    );
    expect(await failure(work)).toMatchObject({ code: 'RIG_INTERRUPTED', exitCode: 130 });
  });

  it('does not remove a lock that is no longer its own', async () => {
    await lock(async () => heldBy({ pid: process.pid }));
    expect(readFileSync(path, 'utf8')).toContain('other');
  });
});
