import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBackup } from '../../../../plugins/max/src/backup/archive-reader.ts';
import { addTree } from '../../../../plugins/max/src/backup/archive-tree.ts';
import { ArchiveWriter } from '../../../../plugins/max/src/backup/archive-writer.ts';
import { Extraction } from '../../../../plugins/max/src/backup/extraction.ts';
import { FORMAT, KIND } from '../../../../plugins/max/src/backup/format.ts';
import { openFile } from '../../../../plugins/max/src/backup/read-file.ts';
import { relocateScripts } from '../../../../plugins/max/src/backup/relocate.ts';
import { removeTree } from '../../../../plugins/max/src/remove-tree.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-archive-'));
});
afterEach(() => removeTree(dir));

const { signal } = new AbortController();

/** Packs a folder as the home of an app, and unpacks it; gives where it is then, and what was told on the way. */
async function throughArchive(home: string): Promise<{ home: string; special: string[]; changed: string[] }> {
  const special: string[] = [];
  const changed: string[] = [];
  const file = join(dir, 'archive');
  const writer = new ArchiveWriter(file, signal);
  await writer.header({
    kind: KIND,
    format: FORMAT,
    createdAt: '',
    version: '0',
    schema: 1,
    stateDir: '/',
    platform: '',
  });
  const report = {
    special: (path: string) => void special.push(path),
    changed: (path: string) => void changed.push(path),
    progress: () => undefined,
  };
  await addTree(writer, home, 'apps/app_a/home', report);
  await writer.finish({ networks: 1, apps: 1 });
  const target = join(dir, 'unpacked');
  const extraction = new Extraction(file, target);
  await readBackup(file, extraction, { signal });
  extraction.end();
  return { home: join(target, 'apps/app_a/home'), special, changed };
}

test('files, modes, times, symlinks, empty and closed folders, long and foreign names come back as they were', async () => {
  const home = join(dir, 'home');
  const deep = join(home, 'a'.repeat(90), 'b'.repeat(120), 'Grüße 🎈');
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, `${'é'.repeat(100)}.txt`), 'deep');
  writeFileSync(join(home, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(home, 'nothing'), '');
  utimesSync(join(home, 'nothing'), new Date(0), new Date(86_400_000));
  writeFileSync(join(home, 'big'), Buffer.alloc(3_000_001, 'x'));
  mkdirSync(join(home, 'empty'));
  mkdirSync(join(home, 'closed'));
  writeFileSync(join(home, 'closed', 'file'), 'in it');
  chmodSync(join(home, 'closed'), 0o555);
  symlinkSync(`../${'long/'.repeat(60)}`, join(home, 'link'));
  symlinkSync('/usr/bin/python3', join(home, 'python'));
  const { home: back, changed } = await throughArchive(home);
  expect(readFileSync(join(back, 'a'.repeat(90), 'b'.repeat(120), 'Grüße 🎈', `${'é'.repeat(100)}.txt`), 'utf8')).toBe(
    'deep',
  );
  expect(lstatSync(join(back, 'run.sh')).mode & 0o777).toBe(0o755);
  expect(lstatSync(join(back, 'nothing')).mtimeMs).toBe(86_400_000);
  expect(readFileSync(join(back, 'big')).equals(Buffer.alloc(3_000_001, 'x'))).toBe(true);
  expect(lstatSync(join(back, 'empty')).isDirectory()).toBe(true);
  expect(lstatSync(join(back, 'closed')).mode & 0o777).toBe(0o555);
  expect(readFileSync(join(back, 'closed', 'file'), 'utf8')).toBe('in it');
  expect(readlinkSync(join(back, 'link'))).toBe(`../${'long/'.repeat(60)}`);
  expect(readlinkSync(join(back, 'python'))).toBe('/usr/bin/python3');
  expect(changed).toEqual([]);
});

test('more entries than one manifest tells of come back', async () => {
  const home = join(dir, 'home');
  mkdirSync(home);
  for (let index = 0; index < 1100; index += 1) writeFileSync(join(home, `f${index}`), String(index));
  const { home: back } = await throughArchive(home);
  for (const index of [0, 999, 1000, 1099]) expect(readFileSync(join(back, `f${index}`), 'utf8')).toBe(String(index));
});

test('a socket is left out, and told', async () => {
  const home = join(dir, 'home');
  mkdirSync(home);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(home, 'socket'), resolve));
  const { special } = await throughArchive(home);
  expect(special).toEqual(['apps/app_a/home/socket']);
  server.close();
});

test('a file that becomes shorter or longer while it is read has the size it had, and is told as changed', () => {
  const path = join(dir, 'file');
  writeFileSync(path, Buffer.alloc(2_000_000, 'x'));
  const shrinking = openFile(path)!;
  truncateSync(path, 1_000_000);
  const bytes = Buffer.concat([...shrinking.pieces()]);
  expect([bytes.length, bytes[999_999], bytes[1_999_999]]).toEqual([2_000_000, 0x78, 0]);
  expect(shrinking.changed()).toBe(true);
  shrinking.close();
  const growing = openFile(path)!;
  appendFileSync(path, 'more');
  expect(Buffer.concat([...growing.pieces()]).length).toBe(1_000_000);
  expect(growing.changed()).toBe(true);
  growing.close();
});

test('neither a symlink nor a file that is gone is opened', () => {
  symlinkSync('/etc/passwd', join(dir, 'link'));
  expect(openFile(join(dir, 'link'))).toBeUndefined();
  expect(openFile(join(dir, 'gone'))).toBeUndefined();
});

test("console scripts of Python name their interpreter's new place, and nothing else is touched", () => {
  const bin = join(dir, 'builds/bld_a/app/.venv/bin');
  mkdirSync(bin, { recursive: true });
  const body = Buffer.concat([
    Buffer.from('\nimport sys\nimport os\n/old/max/builds/bld_a/\n'),
    Buffer.from([0xff, 0xfe]),
  ]);
  const script = (path: string) => Buffer.concat([Buffer.from(`#!${path}/.venv/bin/python`), body]);
  writeFileSync(join(bin, 'serve'), script('/old/max/builds/bld_a/app'), { mode: 0o755 });
  writeFileSync(join(bin, 'other'), script('/usr'));
  symlinkSync('/usr/bin/python3', join(bin, 'python'));
  relocateScripts(join(dir, 'builds'), '/old/max', '/new/Straße');
  expect(readFileSync(join(bin, 'serve'))).toEqual(script('/new/Straße/builds/bld_a/app'));
  expect(lstatSync(join(bin, 'serve')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(bin, 'other'))).toEqual(script('/usr'));
  expect(readlinkSync(join(bin, 'python'))).toBe('/usr/bin/python3');
  rmSync(join(dir, 'builds'), { recursive: true });
  relocateScripts(join(dir, 'builds'), '/old/max', '/new/max');
});
