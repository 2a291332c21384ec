import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogLine } from '@rig/plugin-api/max';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Log } from '../../../../plugins/max/src/logs/log.ts';
import { Tailer } from '../../../../plugins/max/src/logs/tailer.ts';

let dir: string;
let path: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-tail-'));
  path = join(dir, 'stdout');
  writeFileSync(path, '');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

const open = (log: Log, options: { partialAfterMs?: number; pollMs?: number } = {}): Tailer =>
  new Tailer({ path, source: 's', log, instance: 'web.1', stream: 'stdout', ...options });
const lines = (log: Log): LogLine[] => log.read(0, { lines: 1e6 }).lines;
const texts = (log: Log): string[] => lines(log).map((line) => line.text);

/** Resolves at the append after which the log has what is wanted. */
function logged(log: Log, done: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!done()) return;
      unfollow();
      resolve();
    };
    const unfollow = log.follow(look);
    look();
  });
}

test('lines are stored as they are written, a prompt after a while, the last words at the end', async () => {
  const log = Log.open(join(dir, 'log'));
  const tailer = open(log, { partialAfterMs: 50 });
  tailer.start();
  appendFileSync(path, 'one\ntwo\nName? ');
  await logged(log, () => log.last === 3);
  appendFileSync(path, '\nbye');
  expect(await tailer.finish()).toBe(true);
  expect(texts(log)).toEqual(['one', 'two', 'Name? ', 'bye']);
});

test('a tailer that goes on later begins at the first byte that was not stored, amid a line too', async () => {
  const log = Log.open(join(dir, 'log'));
  for (const [part, last] of [
    ['a\nb', 2],
    ['c\n', 3],
    [`${'x'.repeat(70_000)}`, 4],
    ['more\nd\n', 5],
  ] as const) {
    appendFileSync(path, part);
    const tailer = open(log, { partialAfterMs: 10 });
    tailer.start();
    await logged(log, () => log.last === last);
    await tailer.stop();
  }
  expect(texts(log).map((text) => text.slice(0, 3))).toEqual(['a', 'b', 'c', 'xxx', 'd']);
});

test('without a working watcher the poll finds what was written', async () => {
  const log = Log.open(join(dir, 'log'));
  const tailer = open(log, { pollMs: 20 });
  tailer.start();
  rmSync(path);
  writeFileSync(path, 'written elsewhere\n');
  await tailer.stop();
  const second = open(log, { pollMs: 20 });
  second.start();
  await logged(log, () => log.last === 1);
  await second.stop();
});

test('a store that fails for a while loses and doubles nothing', async () => {
  const log = Log.open(join(dir, 'log'));
  const append = log.append.bind(log);
  let failures = 0;
  log.append = (records) => {
    failures += 1;
    if (failures <= 2) throw new Error('ENOSPC');
    append(records);
  };
  const errors: string[] = [];
  const tailer = new Tailer({
    path,
    source: 's',
    log,
    instance: 'w',
    stream: 'stdout',
    pollMs: 20,
    onError: (error) => errors.push(error.message),
  });
  appendFileSync(path, 'one\ntwo\n');
  tailer.start();
  await logged(log, () => log.last === 2);
  await tailer.finish();
  expect(texts(log)).toEqual(['one', 'two']);
  expect(failures).toBeGreaterThan(2);
  expect(errors).toEqual(['ENOSPC']);
});

test('lines go through a process that is killed again and again, each once', async () => {
  const fd = openSync(path, 'a');
  // It goes on until it is told to end.
  const code = `let n = 0; setInterval(() => { for (let i = 0; i < 20; i++) console.log("line " + ++n); }, 2);
    process.on("SIGTERM", () => { console.log("line " + ++n); process.exit(0); })`;
  const writer = spawn(process.execPath, ['-e', code], { stdio: ['ignore', fd, 'ignore'] });
  children.push(writer);
  const written = once(writer, 'exit');
  for (let round = 0; round < 3; round += 1) {
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        '--conditions=rig-source',
        join(import.meta.dirname, 'tail-child.ts'),
        join(dir, 'log'),
        path,
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    children.push(child);
    await once(child.stdout!, 'data');
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  writer.kill('SIGTERM');
  await written;
  const log = Log.open(join(dir, 'log'));
  const before = log.last;
  const tailer = open(log);
  tailer.start();
  await tailer.finish();
  expect(before).toBeGreaterThan(0);
  const found = lines(log);
  expect(found.length).toBe(readFileSync(path, 'utf8').split('\n').length - 1);
  expect(found.every((line, index) => line.seq === index + 1 && line.text === `line ${index + 1}`)).toBe(true);
});

test('the blocks of what is stored go back to the file system, and no line is lost', async () => {
  const log = Log.open(join(dir, 'log'), { segmentBytes: 1e9, maxBytes: 1e9 });
  const tailer = open(log);
  const line = `${'x'.repeat(9_999)}\n`;
  appendFileSync(path, line.repeat(3_000));
  tailer.start();
  await logged(log, () => log.last === 3_000);
  appendFileSync(path, 'end\n');
  await tailer.finish();
  expect(log.last).toBe(3_001);
  if (process.platform === 'linux') expect(statSync(path).blocks * 512).toBeLessThan(20e6);
});

test('a file without news is not read again, and what its watcher misses is found', async () => {
  const log = Log.open(join(dir, 'log'));
  const tailer = open(log, { pollMs: 1 });
  tailer.start();
  appendFileSync(path, 'one\n');
  await logged(log, () => log.last === 1);
  const file = await openFile(path);
  const read = vi.spyOn(Object.getPrototypeOf(file) as FileHandle, 'read');
  // Reads of what has come already may be under way; then there are none in time for fifty.
  do {
    read.mockClear();
    await delay(50);
  } while (read.mock.calls.length > 0);
  read.mockRestore();
  await file.close();
  appendFileSync(path, 'two\n');
  await logged(log, () => log.last === 2);
  expect(await tailer.finish()).toBe(true);
});
