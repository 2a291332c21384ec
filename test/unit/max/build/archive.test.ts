import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unpackArchive } from '../../../../plugins/max/src/build/cache/archive.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-archive-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a tar that ends before it has read the archive is a failure, and never waited for', async () => {
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin/tar'), '#!/bin/sh\n/bin/sleep 0.05\nexit 2\n', { mode: 0o755 });
  writeFileSync(join(dir, 'archive'), Buffer.alloc(4 * 1024 * 1024));
  const context = { buildId: 'bld_a', env: { PATH: join(dir, 'bin') }, signal: new AbortController().signal };
  const unpack = (): Promise<boolean> => unpackArchive(join(dir, 'archive'), { root: dir, digest: '' }, context);
  // How its pipe breaks depends on which end of it is seen first: many at once see both.
  const ends = await Promise.allSettled(Array.from({ length: 40 }, unpack));
  expect(ends.map(({ status }) => status)).toEqual(Array(40).fill('rejected'));
});
