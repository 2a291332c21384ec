import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ContentStore } from '../../../../plugins/max/src/content/content-store.ts';
import { readManifest } from '../../../../plugins/max/src/content/manifest.ts';
import { materialise } from '../../../../plugins/max/src/content/materialise.ts';
import { digestOf, fileEntry } from '../max-kit.ts';

let dir: string;
let store: ContentStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-content-'));
  store = new ContentStore(join(dir, 'content'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function put(content: string | Buffer): Promise<{ digest: string; size: number }> {
  const chunk = { digest: digestOf(content), size: Buffer.byteLength(content as string) };
  const writer = await store.begin(chunk.digest);
  await writer.write(Buffer.from(content));
  expect(await writer.commit()).toBe(true);
  return chunk;
}

describe('the content store', () => {
  test('shows a file when it is whole, and never before', async () => {
    const chunk = { digest: digestOf('hello'), size: 5 };
    const writer = await store.begin(chunk.digest);
    await writer.write(Buffer.from('hel'));
    expect(store.has(chunk)).toBe(false);
    await writer.write(Buffer.from('lo'));
    await writer.commit();
    expect(store.has(chunk)).toBe(true);
    expect(await store.readWhole(chunk)).toEqual(Buffer.from('hello'));
  });

  test('keeps nothing of a content that is not what its digest says, or that was given up', async () => {
    const wrong = await store.begin(digestOf('hello'));
    await wrong.write(Buffer.from('HELLO'));
    expect(await wrong.commit()).toBe(false);
    const left = await store.begin(digestOf('hello'));
    await left.write(Buffer.from('hello'));
    await left.abort();
    expect(store.has({ digest: digestOf('hello'), size: 5 })).toBe(false);
    expect(readdirSync(join(dir, 'content', 'tmp'))).toEqual([]);
  });

  test('takes a file that was cut from outside as missing', async () => {
    const chunk = await put('hello');
    writeFileSync(store.path(chunk.digest), 'he');
    expect(await store.missing([chunk, chunk])).toEqual([chunk]);
  });

  test('finds damage when it reads, and removes the file so that it is sent again', async () => {
    const chunk = await put('hello');
    writeFileSync(store.path(chunk.digest), 'jello');
    const read = async () => {
      for await (const _ of store.read(chunk));
    };
    await expect(read()).rejects.toThrow('damaged');
    expect(store.has(chunk)).toBe(false);
  });

  test('removes what nothing names and is not new, and what a killed Max had begun', async () => {
    const [kept, old, fresh, asked] = await Promise.all(['kept', 'old', 'fresh', 'asked'].map(put));
    const hoursAgo = new Date(Date.now() - 7_200_000);
    for (const chunk of [kept, old, asked]) utimesSync(store.path(chunk!.digest), hoursAgo, hoursAgo);
    const groups = function* () {
      yield [kept!.digest];
      // An upload that comes in meanwhile.
      store.has(asked!);
    };
    expect(await store.collect(groups)).toBe(1);
    expect([kept, old, fresh, asked].map((chunk) => store.has(chunk!))).toEqual([true, false, true, true]);
    writeFileSync(join(dir, 'content', 'tmp', `${digestOf('half')}.1`), 'ha');
    await store.clean();
    expect(readdirSync(join(dir, 'content', 'tmp'))).toEqual([]);
  });
});

describe('materialise', () => {
  test('writes a tree with modes, symlinks, empty files and empty folders', async () => {
    const large = Buffer.alloc(3 * 1024 * 1024, 'x');
    for (const content of ['hello', '#!/bin/sh\n', large]) await put(content);
    const { entries } = readManifest({
      entries: [
        { type: 'symlink', path: 'bin/link', target: '../a.txt' },
        fileEntry('a.txt', 'hello'),
        fileEntry('bin/run', '#!/bin/sh\n', 0o755),
        fileEntry('deep/er/large', large),
        fileEntry('empty', ''),
        { type: 'folder', path: 'tmp/cache' },
      ],
    });
    const tree = join(dir, 'tree');
    await materialise(store, entries, tree);
    expect(readFileSync(join(tree, 'bin', 'link'), 'utf8')).toBe('hello');
    expect(readlinkSync(join(tree, 'bin', 'link'))).toBe('../a.txt');
    expect(statSync(join(tree, 'bin', 'run')).mode & 0o777).toBe(0o755);
    expect(statSync(join(tree, 'a.txt')).mode & 0o777).toBe(0o644);
    expect(readFileSync(join(tree, 'deep', 'er', 'large')).equals(large)).toBe(true);
    expect(statSync(join(tree, 'empty')).size).toBe(0);
    expect(lstatSync(join(tree, 'tmp', 'cache')).isDirectory()).toBe(true);
  });

  test('fails where content is gone, and writes over nothing', async () => {
    const { entries } = readManifest({ entries: [fileEntry('a.txt', 'hello')] });
    await expect(materialise(store, entries, join(dir, 'one'))).rejects.toThrow('ENOENT');
    await put('hello');
    await materialise(store, entries, join(dir, 'two'));
    await expect(materialise(store, entries, join(dir, 'two'))).rejects.toThrow('EEXIST');
  });
});
