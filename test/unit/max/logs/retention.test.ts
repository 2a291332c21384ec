import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogBatch } from '@rig/plugin-api/max';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFollower } from '../../../../plugins/max/src/logs/follower.ts';
import { Log } from '../../../../plugins/max/src/logs/log.ts';
import type { NewRecord } from '../../../../plugins/max/src/logs/record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'max-retention-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const DAY_MS = 86_400_000;
const record = (number: number, at: number): NewRecord => ({
  at,
  instance: 'web.1',
  stream: 'stdout',
  text: `line ${number} ${'x'.repeat(900)}`,
  source: { file: 'f', offset: number, cut: false },
});
const fill = (log: Log, from: number, to: number, at = Date.now()): void => {
  for (let number = from; number <= to; number += 100)
    log.append(Array.from({ length: Math.min(100, to - number + 1) }, (_, index) => record(number + index, at)));
};
/** Every line that is kept is whole and has its number. */
const expectWhole = (log: Log): void => {
  const { lines } = log.read(log.first - 1, { lines: 1e6 });
  expect(lines.map((line) => line.seq)).toEqual(Array.from(lines, (_, index) => log.first + index));
  for (const line of lines) expect(line.text.split(' ')[1]).toBe(String(line.seq));
  expect(lines.at(-1)?.seq ?? log.first - 1).toBe(log.last);
};
const names = (): string[] => readdirSync(folder).sort();

test('a log never has more bytes than its limit, and nearly as many', () => {
  const log = Log.open(folder, { maxBytes: 1_000_000 });
  for (let number = 1; number <= 5_000; number += 500) {
    fill(log, number, number + 499);
    const onDisk = names().reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0);
    expect(onDisk).toBe(log.keptBytes);
    expect(onDisk).toBeLessThanOrEqual(1_100_000);
  }
  expect(log.keptBytes).toBeGreaterThan(700_000);
  expectWhole(log);
});

test('a lower limit holds at once and leaves the youngest lines, of the segment that was written to as well', () => {
  let log = Log.open(folder);
  fill(log, 1, 3_000);
  expect(names()).toHaveLength(1);
  log.limit({ maxBytes: 1_000_000 });
  expect(log.keptBytes).toBeLessThanOrEqual(1_000_000);
  expect(log.keptBytes).toBeGreaterThan(800_000);
  expect(log.last).toBe(3_000);
  expectWhole(log);
  expect(log.read(0, { lines: 1 }).gap).toEqual({ from: 1, to: log.first - 1 });
  const { first } = log;
  log.close();
  log = Log.open(folder, { maxBytes: 1_000_000 });
  expect([log.first, log.last, log.position('f').offset]).toEqual([first, 3_000, 3_000]);
  fill(log, 3_001, 3_100);
  expectWhole(log);
});

test('a kill amid a trim leaves both segments, one half written or none: each line is read once', () => {
  let log = Log.open(folder);
  fill(log, 1, 3_000);
  const [old = ''] = names();
  const whole = readFileSync(join(folder, old));
  log.limit({ maxBytes: 1_000_000 });
  const { first } = log;
  log.close();
  writeFileSync(join(folder, old), whole);
  writeFileSync(join(folder, `${old}.trim`), whole.subarray(0, 1_000));
  log = Log.open(folder, { maxBytes: 1_000_000 });
  expect(names()).not.toContain(`${old}.trim`);
  expect([log.first, log.last]).toEqual([1, 3_000]);
  expectWhole(log);
  log.retain();
  expect(log.first).toBe(first);
  expectWhole(log);
});

test('what is too old goes by itself, from a log that nobody writes to as well, and the numbers go on', () => {
  let log = Log.open(folder, { maxAgeDays: 1 });
  fill(log, 1, 10, Date.now() - 3 * DAY_MS);
  for (const name of names()) utimesSync(join(folder, name), new Date(), new Date(Date.now() - 3 * DAY_MS));
  log.retain();
  expect([log.first, log.last]).toEqual([11, 10]);
  expect(log.read(0, { lines: 10 })).toEqual({ gap: { from: 1, to: 10 }, lines: [] });
  log.close();
  log = Log.open(folder, { maxAgeDays: 1 });
  expect(log.position('f').offset).toBe(10);
  fill(log, 11, 12);
  expect(log.last).toBe(12);
  expectWhole(log);
  log.limit({ maxAgeDays: 0 }, Date.now() + 1_000 * DAY_MS);
  expect(log.first).toBe(11);
});

test('a log that is written to all the time loses its old lines too: its segments end by age', () => {
  const log = Log.open(folder, { maxAgeDays: 16 });
  const start = Date.now();
  fill(log, 1, 10, start);
  log.retain(start + 1.5 * DAY_MS);
  expect(names()).toHaveLength(2);
  fill(log, 11, 20, start + 1.5 * DAY_MS);
  for (const [index, days] of [0, 1.5].entries())
    utimesSync(join(folder, names()[index]!), new Date(), new Date(start + days * DAY_MS));
  log.retain(start + 16.5 * DAY_MS);
  expect(log.first).toBe(11);
  expectWhole(log);
});

test('a kill between the removal of two segments leaves a log without a hole', () => {
  let log = Log.open(folder, { maxBytes: 1_000_000 });
  fill(log, 1, 900);
  log.close();
  const all = names();
  for (const [index, name] of all.slice(0, -1).entries()) {
    renameSync(join(folder, name), join(folder, `${name}.gone`));
    log = Log.open(folder, { maxBytes: 1_000_000 });
    expect(log.first).toBe(Number(all[index + 1]!.slice(0, 16)));
    expect(log.last).toBe(900);
    expectWhole(log);
    log.close();
  }
  expect(existsSync(join(folder, all.at(-1)!))).toBe(true);
});

test('a follower whose lines are dropped before it has read them is told which', async () => {
  const log = Log.open(folder);
  fill(log, 1, 3_000);
  const batches: LogBatch[] = [];
  await new Promise<void>((resolve) => {
    const follower = new LogFollower({
      log,
      after: 0,
      window: 100,
      send: (batch) => {
        batches.push(batch);
        if ('gap' in batch) return fill(log, 3_001, 3_001);
        // It has its window, and acknowledges it too late.
        if (batches.length === 1) log.clear();
        const { seq } = batch.lines.at(-1)!;
        follower.acknowledge(seq);
        if (seq === 3_001) resolve(follower.stop());
      },
    });
  });
  const lines = batches.flatMap((batch) => ('lines' in batch ? batch.lines.map((line) => line.seq) : []));
  const gaps = batches.flatMap((batch) => ('gap' in batch ? [batch.gap] : []));
  expect(gaps).toEqual([{ from: 101, to: 3_000 }]);
  expect(lines).toEqual([...Array.from({ length: 100 }, (_, index) => index + 1), 3_001]);
});
