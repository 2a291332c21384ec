import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSymlink } from '../../../../plugins/deploy/src/tree/symlink.ts';
import { walkTree } from '../../../../plugins/deploy/src/tree/walk.ts';
import { checkShape } from '../../../../plugins/max/src/content/tree-shape.ts';
import { makeFolder } from './folder.ts';

function tree(): string {
  const root = makeFolder({ 'app/main.js': 'x', 'app/deep/er/file': 'x', 'common/lib.js': 'x' });
  symlinkSync('.', join(root, 'self'));
  symlinkSync('app/deep', join(root, 'short'));
  return root;
}

describe('a symlink that stays in the tree', () => {
  test.each([
    ['link', 'app/main.js', 'app/main.js'],
    ['app/link', '../common/lib.js', '../common/lib.js'],
    ['app/link', './main.js', './main.js'],
    ['link', 'missing', 'missing'],
    ['link', 'short/er/file', 'short/er/file'],
    // Down and up again is written plainly, by where it really leads.
    ['link', 'app/../common', 'common'],
    ['link', 'short/../main.js', 'app/main.js'],
    ['app/link', '../short/../../common/lib.js', '../common/lib.js'],
  ])('%s -> %s is sent as %s', (path, target, sent) => {
    const root = tree();
    symlinkSync(target, join(root, path));
    expect(readSymlink(root, path)).toBe(sent);
    expect(() => checkShape([{ type: 'symlink', path, target: sent }])).not.toThrow();
  });

  test('an absolute one becomes relative', () => {
    const root = tree();
    symlinkSync(join(root, 'common/lib.js'), join(root, 'app/abs'));
    symlinkSync(root, join(root, 'top'));
    expect(readSymlink(root, 'app/abs')).toBe('../common/lib.js');
    expect(readSymlink(root, 'top')).toBe('.');
  });

  test('a circle is kept, and is no reason to hang', async () => {
    const root = makeFolder({ 'index.html': 'x' });
    symlinkSync('b', join(root, 'a'));
    symlinkSync('a', join(root, 'b'));
    symlinkSync('self-loop', join(root, 'self-loop'));
    expect((await walkTree(root)).entries.filter(({ type }) => type === 'symlink')).toEqual([
      { type: 'symlink', path: 'a', target: 'b' },
      { type: 'symlink', path: 'b', target: 'a' },
      { type: 'symlink', path: 'self-loop', target: 'self-loop' },
    ]);
  });

  test('a link to a folder is kept as a link, not entered', async () => {
    expect((await walkTree(tree())).entries).toContainEqual({ type: 'symlink', path: 'short', target: 'app/deep' });
  });
});

describe('a symlink that leaves the tree', () => {
  test.each([
    ['link', '..'],
    ['link', '../elsewhere'],
    ['app/link', '../../elsewhere'],
    ['link', '/etc/passwd'],
    ['link', 'app/../../elsewhere'],
    // By its text it stays; through the link `self`, which is the root, it leaves.
    ['link', 'self/..'],
    ['link', 'self/../missing'],
  ])('%s -> %s is refused and named', async (path, target) => {
    const root = tree();
    symlinkSync(target, join(root, path));
    await expect(walkTree(root)).rejects.toMatchObject({
      code: 'RIG_SYMLINK_ESCAPES',
      exitCode: 1,
      message: expect.stringContaining(`the symlink ${path} points to ${target}`),
      details: { path, target },
    });
  });

  test('by way of another link is refused too', async () => {
    const root = makeFolder({ 'index.html': 'x' });
    mkdirSync(join(root, 'a'));
    symlinkSync('/etc', join(root, 'a/z'));
    symlinkSync('a/z/passwd', join(root, 'b'));
    expect(() => readSymlink(root, 'b')).toThrow(expect.objectContaining({ code: 'RIG_SYMLINK_ESCAPES' }));
  });

  test('is no matter where it is ignored', async () => {
    const root = makeFolder({ 'index.html': 'x', '.gitignore': 'outside\n' });
    symlinkSync('/etc', join(root, 'outside'));
    expect((await walkTree(root)).entries.map(({ path }) => path)).toEqual(['.gitignore', 'index.html']);
  });
});
