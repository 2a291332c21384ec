import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findRoot, walkTree } from '../../../../plugins/deploy/src/tree/walk.ts';
import { makeFolder } from './folder.ts';

const paths = async (root: string): Promise<string[]> => (await walkTree(root)).entries.map(({ path }) => path);

/** Runs as a user to whom file modes mean something: they mean nothing to root. */
async function asUser<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

/** Closes a path to everybody until the test is over: its folder must be removable then. */
function close(path: string): void {
  chmodSync(path, 0);
  onTestFinished(() => chmodSync(path, 0o755));
}

describe('walkTree', () => {
  test('finds files, sorted, with size and whether they are executable', async () => {
    const root = makeFolder({ 'b.txt': 'hello', 'a/run.sh': '#!/bin/sh\n', 'a/.hidden': '' });
    chmodSync(join(root, 'a/run.sh'), 0o711);
    chmodSync(join(root, 'b.txt'), 0o600);
    const { entries, skipped } = await walkTree(root);
    expect(entries).toEqual([
      { type: 'file', path: 'a/.hidden', mode: 0o644, size: 0 },
      { type: 'file', path: 'a/run.sh', mode: 0o755, size: 10 },
      { type: 'file', path: 'b.txt', mode: 0o644, size: 5 },
    ]);
    expect(skipped).toEqual([]);
  });

  test('keeps empty folders, also those whose content stays here', async () => {
    const root = makeFolder({ '.gitignore': '*.log\n', 'logs/today.log': 'x', 'empty/deep/': '', 'index.html': 'hi' });
    expect((await walkTree(root)).entries.filter(({ type }) => type === 'folder')).toEqual([
      { type: 'folder', path: 'empty/deep' },
      { type: 'folder', path: 'logs' },
    ]);
  });

  test('never takes .git, node_modules and .env*, at any depth and whatever an ignore file says', async () => {
    const root = makeFolder({
      '.rigignore': '!.env\n!node_modules\n!.git\n',
      '.git/config': 'x',
      'node_modules/a/index.js': 'x',
      'sub/node_modules/b/index.js': 'x',
      '.env': 'SECRET=1',
      'sub/.env.production': 'SECRET=1',
      'sub/.ENV': 'SECRET=1',
      'sub/env.js': 'kept',
    });
    expect(await paths(root)).toEqual(['.rigignore', 'sub/env.js']);
  });

  test('leaves out sockets and pipes, and names them', async () => {
    const root = makeFolder({ 'index.html': 'hi', 'run/': '' });
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'run/app.sock'), resolve));
    onTestFinished(() => void server.close());
    const { entries, skipped } = await walkTree(root);
    expect(entries.map(({ path }) => path)).toEqual(['index.html', 'run']);
    expect(skipped).toEqual(['pipe', 'run/app.sock']);
  });

  test.each(['a folder', 'an ignore file'])('names %s that cannot be read', async (what) => {
    const root = makeFolder({ 'index.html': 'hi', 'sub/secret/x': 'x', '.gitignore': '', 'sub/.gitignore': '' });
    const path = what === 'a folder' ? 'sub/secret' : 'sub/.gitignore';
    chmodSync(root, 0o755);
    close(join(root, path));
    await asUser(() =>
      expect(walkTree(root)).rejects.toMatchObject({
        code: 'RIG_UNREADABLE',
        exitCode: 1,
        message: `cannot read ${path}: you are not allowed to read it`,
        hint: expect.stringContaining('.rigignore'),
      }),
    );
  });

  test('an unreadable folder that is ignored is no trouble', async () => {
    const root = makeFolder({ 'index.html': 'hi', 'data/x': 'x', '.gitignore': 'data/\n' });
    chmodSync(root, 0o755);
    close(join(root, 'data'));
    expect(await asUser(() => paths(root))).toEqual(['.gitignore', 'index.html']);
  });

  test('refuses a name with a backslash', async () => {
    const root = makeFolder({ 'a\\b': 'x' });
    await expect(walkTree(root)).rejects.toMatchObject({ code: 'RIG_BAD_PATH', details: { path: 'a\\b' } });
  });

  test('a name that is not UTF-8 is an error that names it, not a lost file', async () => {
    const root = makeFolder({ 'index.html': 'hi' });
    mkdirSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff])]));
    await expect(walkTree(root)).rejects.toMatchObject({
      code: 'RIG_UNREADABLE',
      message: expect.stringMatching(/bad-.*: its name is not valid UTF-8$/),
      hint: expect.stringContaining('rename it'),
    });
  });

  test('nothing to deploy: an empty folder, and one of which all is ignored', async () => {
    await expect(walkTree(makeFolder({ 'a/b/': '' }))).rejects.toMatchObject({
      code: 'RIG_PATH_EMPTY',
      exitCode: 2,
      message: expect.stringContaining('has no files'),
    });
    await expect(walkTree(makeFolder({ '.rigignore': '*\n', 'a.txt': 'x' }))).rejects.toMatchObject({
      code: 'RIG_PATH_EMPTY',
      exitCode: 2,
      message: expect.stringContaining('is ignored'),
    });
  });

  test('stops at the signal', async () => {
    const root = makeFolder({ 'index.html': 'hi' });
    await expect(walkTree(root, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});

describe('findRoot', () => {
  test('finds a folder relative to where rig was started, through a symlink', () => {
    const root = makeFolder({ 'app/index.html': 'hi' });
    symlinkSync('app', join(root, 'link'));
    expect(findRoot(root, 'link')).toBe(join(root, 'app'));
    expect(findRoot(root, '.')).toBe(root);
  });

  test('says what is wrong with a path', () => {
    const root = makeFolder({ 'file.txt': 'hi' });
    expect(() => findRoot(root, 'nowhere')).toThrow(
      expect.objectContaining({ code: 'RIG_PATH_NOT_FOUND', exitCode: 3, message: 'there is no folder nowhere' }),
    );
    expect(() => findRoot(root, 'file.txt/sub')).toThrow(expect.objectContaining({ code: 'RIG_PATH_NOT_FOUND' }));
    expect(() => findRoot(root, 'file.txt')).toThrow(
      expect.objectContaining({ code: 'RIG_PATH_NOT_FOLDER', exitCode: 2 }),
    );
  });
});
