import { describe, expect, test } from 'vitest';
import { readManifest } from '../../../../plugins/max/src/content/manifest.ts';
import { fileEntry } from '../max-kit.ts';

const file = fileEntry('a.txt', 'hello');
const link = (path: string, target: string) => ({ type: 'symlink', path, target });
const read = (...entries: unknown[]) => readManifest({ entries });

describe('a hostile manifest is refused', () => {
  const chunk = file.chunks[0];
  test.each<[what: string, entries: unknown, says: RegExp]>([
    ['no list', undefined, /no list "entries"/],
    ['an empty tree', [], /empty/],
    ['an entry that is no object', [null], /entry 0/],
    ['an unknown type', [{ type: 'device', path: 'a' }], /neither/],
    ['no path', [{ ...file, path: '' }], /no path/],
    ['a path that is no text', [{ ...file, path: ['a'] }], /no path/],
    ['an absolute path', [{ ...file, path: '/etc/passwd' }], /absolute/],
    ['a path that climbs', [{ ...file, path: '../a' }], /"\.\."/],
    ['a path that climbs inside', [{ ...file, path: 'a/../../b' }], /"\.\."/],
    ['a path with an empty part', [{ ...file, path: 'a//b' }], /empty part/],
    ['a path with a dot', [{ ...file, path: './a' }], /empty part/],
    ['a path that ends with /', [{ ...file, path: 'a/' }], /empty part/],
    ['a zero byte', [{ ...file, path: 'a\0b' }], /character/],
    ['half a surrogate', [{ ...file, path: 'a\ud800' }], /Unicode/],
    ['a long name', [{ ...file, path: 'x'.repeat(256) }], /longer than 255/],
    ['a long path', [{ ...file, path: `${'abc/'.repeat(1100)}x` }], /longer than 4096/],
    ['a path twice', [file, file], /twice/],
    ['a file below a file', [file, { ...file, path: 'a.txt/b' }], /lies below "a\.txt", which is a file/],
    ['a file below a symlink', [link('d', '.'), { ...file, path: 'd/b' }], /which is a symlink/],
    ['a file deep below a symlink', [{ ...file, path: 'd/x/y/z' }, link('d', '.')], /which is a symlink/],
    [
      'a file in an empty folder',
      [
        { type: 'folder', path: 'd' },
        { ...file, path: 'd/b' },
      ],
      /an empty folder/,
    ],
    ['an absolute symlink', [link('l', '/etc')], /outside/],
    ['a symlink that climbs out', [link('l', '..')], /outside/],
    ['a deeper symlink that climbs out', [link('a/b/l', '../../../x')], /outside/],
    ['a symlink that goes down and up again', [link('l', 'a/../../b')], /outside/],
    ['a symlink through a symlink', [link('a', 'x/y'), link('l', 'a/../../../b')], /outside/],
    ['a symlink without a target', [link('l', '')], /target/],
    ['a symlink with a zero byte', [link('l', 'a\0')], /target/],
    ['a negative size', [{ ...file, size: -1 }], /size/],
    ['a broken size', [{ ...file, size: 1.5 }], /size/],
    ['a huge size', [{ ...file, size: 2 ** 60 }], /size/],
    ['a mode that is none', [{ ...file, mode: 0o4755 }], /mode/],
    ['no chunks', [{ ...file, chunks: undefined }], /list of chunks/],
    ['sizes that differ', [{ ...file, size: 6 }], /have 5 bytes/],
    ['an empty chunk', [{ ...file, size: 0, chunks: [{ ...chunk, size: 0 }] }], /valid size/],
    ['a digest in capitals', [{ ...file, chunks: [{ ...chunk, digest: 'A'.repeat(64) }] }], /SHA-256/],
    ['a digest that is a path', [{ ...file, chunks: [{ ...chunk, digest: '../../../etc/passwd' }] }], /SHA-256/],
    [
      'a digest of two sizes',
      [file, { ...file, path: 'b', size: 9, chunks: [{ ...chunk, size: 9 }] }],
      /is given with/,
    ],
  ])('%s', (_what, entries, says) => {
    const refused = expect.objectContaining({
      status: 400,
      code: 'RIG_BAD_REQUEST',
      message: expect.stringMatching(says),
    });
    expect(() => readManifest({ entries })).toThrow(refused);
  });

  test('a tree that is too large', () => {
    const size = 40 * 1024 ** 3;
    const huge = (path: string, digest: string) => ({
      ...file,
      path,
      size,
      chunks: [{ digest: digest.repeat(64), size }],
    });
    expect(() => read(huge('a', 'a'), huge('b', 'b'))).toThrow(
      expect.objectContaining({ status: 413, code: 'RIG_TOO_LARGE' }),
    );
  });
});

describe('a good manifest', () => {
  test('keeps files, symlinks and empty folders, and of the mode only whether it runs', () => {
    const tree = read(
      { ...file, mode: 0o600 },
      fileEntry('bin/run', '#!', 0o700),
      fileEntry('empty', ''),
      link('bin/l', '../a.txt'),
      link('up', './bin/run'),
      link('root', '.'),
      { type: 'folder', path: 'tmp/cache' },
    );
    expect(tree.entries.map((entry) => ('mode' in entry ? entry.mode : entry.type))).toEqual([
      0o644,
      0o755,
      0o644,
      'symlink',
      'symlink',
      'symlink',
      'folder',
    ]);
    expect(tree).toMatchObject({ files: 3, bytes: 7 });
  });

  test('has the same digest in whatever order, and another for another tree', () => {
    const other = fileEntry('b.txt', 'x');
    expect(read(file, other).digest).toBe(read(other, file).digest);
    expect(read(file, other).digest).not.toBe(read(file, { ...other, mode: 0o755 }).digest);
  });

  test('may have names that only look dangerous', () => {
    expect(() =>
      read({ ...file, path: '..a/...' }, { ...file, path: '-rf *' }, { ...file, path: 'a\\b' }),
    ).not.toThrow();
  });
});
