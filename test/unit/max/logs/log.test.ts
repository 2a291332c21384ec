import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Log } from '../../../../plugins/max/src/logs/log.ts';
import type { NewRecord } from '../../../../plugins/max/src/logs/record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'max-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (text: string, offset?: number): NewRecord => ({
  at: 0,
  instance: 'web.1',
  stream: 'stdout',
  text,
  ...(offset === undefined ? {} : { source: { file: 'f', offset, cut: false } }),
});
const fill = (log: Log, from: number, to: number): void => {
  for (let number = from; number <= to; number += 1) log.append([record(`line ${number}`, number)]);
};
const all = (log: Log): string[] => log.read(log.first - 1, { lines: 1e6 }).lines.map((line) => line.text);

test('lines are numbered from 1 and read from any number on, over segments and a new start', () => {
  let log = Log.open(folder, { segmentBytes: 2_000 });
  fill(log, 1, 300);
  expect(readdirSync(folder).length).toBeGreaterThan(5);
  for (let round = 0; round < 2; round += 1) {
    expect(log.last).toBe(300);
    for (const after of [0, 1, 63, 64, 65, 128, 298, 299, 300, 400]) {
      const { lines, gap } = log.read(after, { lines: 3 });
      expect(gap).toBeUndefined();
      const wanted = [after + 1, after + 2, after + 3].filter((seq) => seq <= 300);
      expect(lines.map((line) => line.seq)).toEqual(wanted);
      expect(lines.map((line) => line.text)).toEqual(wanted.map((seq) => `line ${seq}`));
    }
    expect(log.position('f')).toEqual({ offset: 300, cut: false });
    log.close();
    log = Log.open(folder, { segmentBytes: 2_000 });
  }
  fill(log, 301, 302);
  expect(all(log)).toHaveLength(302);
});

test.each([1, 5, 40])('a torn end of %d bytes is cut off, and its number is given again', (bytes) => {
  let log = Log.open(folder);
  fill(log, 1, 5);
  log.close();
  const file = join(folder, readdirSync(folder)[0]!);
  truncateSync(file, readFileSync(file).length - bytes);
  log = Log.open(folder);
  expect(log.last).toBe(4);
  expect(log.position('f').offset).toBe(4);
  fill(log, 5, 6);
  expect(all(log)).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'line 6']);
});

test('rubbish after the last line is cut off', () => {
  let log = Log.open(folder);
  fill(log, 1, 3);
  log.close();
  appendFileSync(join(folder, readdirSync(folder)[0]!), `${'\0'.repeat(100)}\n{"s":9}\n`);
  log = Log.open(folder);
  fill(log, 4, 4);
  expect(all(log)).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
});

test('a segment that a crash left without its first line does not stop the log', () => {
  let log = Log.open(folder);
  fill(log, 1, 3);
  log.close();
  appendFileSync(join(folder, '0000000000000004.log'), '');
  log = Log.open(folder);
  expect(log.last).toBe(3);
  fill(log, 4, 4);
  expect(all(log)).toHaveLength(4);
  expect(existsSync(join(folder, '0000000000000004.log'))).toBe(false);
});

test('what retention drops by size or age is an explicit gap', () => {
  const log = Log.open(folder, { segmentBytes: 1_000, maxBytes: 3_000, maxAgeDays: 1 });
  fill(log, 1, 200);
  expect(log.keptBytes).toBeLessThan(5_000);
  expect(log.first).toBeGreaterThan(1);
  const { gap, lines } = log.read(0, { lines: 1 });
  expect(gap).toEqual({ from: 1, to: log.first - 1 });
  expect(lines[0]!.seq).toBe(log.first);
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), 0, 0);
  log.retain();
  expect(readdirSync(folder)).toHaveLength(1);
  expect(log.last).toBe(200);
});

test('a read is bounded by bytes, and always gets on', () => {
  const log = Log.open(folder);
  log.append([record('x'.repeat(50_000)), record('y'.repeat(50_000)), record('z')]);
  expect(log.read(0, { lines: 100, bytes: 1_000 }).lines).toHaveLength(1);
  expect(log.read(0, { lines: 100, bytes: 60_000 }).lines).toHaveLength(2);
});

test('text of every kind comes back as it was', () => {
  const log = Log.open(folder);
  const text = 'a\u2028b\t"\\ \u001b[31m 😀 \u0000';
  log.append([record(text)]);
  log.close();
  expect(all(Log.open(folder))).toEqual([text]);
});

test('a source that is forgotten makes later segments no longer, and others keep their place', () => {
  const log = Log.open(folder, { segmentBytes: 200 });
  const of = (file: string, offset: number): NewRecord => ({ ...record('x'), source: { file, offset, cut: false } });
  for (let run = 1; run <= 50; run += 1) {
    log.append([of(`run-${run}`, 9), of('steady', run)]);
    log.forget([`run-${run}`]);
  }
  const last = readdirSync(folder).sort().at(-1) as string;
  expect(readFileSync(join(folder, last), 'utf8').split('\n')[0]).not.toContain('run-1"');
  log.close();
  const again = Log.open(folder);
  expect(again.position('steady').offset).toBe(50);
  again.close();
});
