import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hashTree } from '../../../../plugins/deploy/src/tree/hash.ts';
import { walkTree } from '../../../../plugins/deploy/src/tree/walk.ts';
import { makeFolder } from './folder.ts';

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

describe('hashTree', () => {
  test('names files by their content, an empty one by nothing, the same content once', async () => {
    const big = Buffer.alloc(3 * 1024 * 1024 + 17, 'abc');
    const root = makeFolder({ 'a.txt': 'hello', 'b/copy.txt': 'hello', 'c.bin': big, empty: '', 'folder/': '' });
    const hashed = await hashTree(await walkTree(root));
    const hello = { digest: sha256('hello'), size: 5 };
    expect(hashed.entries).toEqual([
      { type: 'file', path: 'a.txt', mode: 0o644, size: 5, chunks: [hello] },
      { type: 'file', path: 'b/copy.txt', mode: 0o644, size: 5, chunks: [hello] },
      {
        type: 'file',
        path: 'c.bin',
        mode: 0o644,
        size: big.length,
        chunks: [{ digest: sha256(big), size: big.length }],
      },
      { type: 'file', path: 'empty', mode: 0o644, size: 0, chunks: [] },
      { type: 'folder', path: 'folder' },
    ]);
    expect([...hashed.sources.values()].map(({ path }) => path)).toEqual(['a.txt', 'c.bin']);
    expect(hashed).toMatchObject({ files: 4, bytes: 10 + big.length });
  });

  test('a large file is split into chunks that make it up in their order', async () => {
    const big = randomBytes(24 * 1024 * 1024);
    const hashed = await hashTree(await walkTree(makeFolder({ 'big.bin': big })));
    const [entry] = hashed.entries;
    assert(entry?.type === 'file');
    expect(entry.chunks.length).toBeGreaterThan(2);
    let offset = 0;
    for (const { digest, size } of entry.chunks) {
      expect(sha256(big.subarray(offset, offset + size))).toBe(digest);
      expect(hashed.sources.get(digest)).toEqual({ path: 'big.bin', offset, size });
      offset += size;
    }
    expect({ offset, size: entry.size }).toEqual({ offset: big.length, size: big.length });
  });

  test('a file that grows all the while is refused and named', async () => {
    const root = makeFolder({ 'grows.log': Buffer.alloc(20 * 1024 * 1024) });
    const found = await walkTree(root);
    const onProgress = (): void => appendFileSync(join(root, 'grows.log'), 'more');
    await expect(hashTree(found, { onProgress })).rejects.toMatchObject({
      code: 'RIG_FILE_CHANGED',
      message: expect.stringContaining('grows.log changed'),
    });
  });

  test('a file that was saved once meanwhile is read again', async () => {
    const root = makeFolder({ 'saved.txt': Buffer.alloc(9 * 1024 * 1024, 'a') });
    const found = await walkTree(root);
    let saved = false;
    const onProgress = (): void => {
      if (!saved) writeFileSync(join(root, 'saved.txt'), 'new');
      saved = true;
    };
    const { entries } = await hashTree(found, { onProgress });
    expect(entries).toMatchObject([{ size: 3, chunks: [{ digest: sha256('new') }] }]);
  });

  test('a file that is gone, or has become a link, is an error that names it', async () => {
    const root = makeFolder({ 'a.txt': 'x', 'b.txt': 'y' });
    const found = await walkTree(root);
    rmSync(join(root, 'b.txt'));
    await expect(hashTree(found)).rejects.toMatchObject({ code: 'RIG_UNREADABLE', details: { path: 'b.txt' } });
    symlinkSync('/etc/passwd', join(root, 'b.txt'));
    await expect(hashTree(found)).rejects.toMatchObject({ code: 'RIG_UNREADABLE', details: { path: 'b.txt' } });
  });

  test('stops at the signal', async () => {
    const root = makeFolder({ 'big.bin': Buffer.alloc(20 * 1024 * 1024) });
    const stop = new AbortController();
    const onProgress = (): void => stop.abort(new Error('stopped'));
    await expect(hashTree(await walkTree(root), { onProgress, signal: stop.signal })).rejects.toThrow('stopped');
  });
});
