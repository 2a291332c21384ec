import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MinuteFiles, type MinutePoint } from '../../../../plugins/max/src/metrics/minute-files.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Some time. */
const NOON = Date.UTC(2026, 0, 2, 12);

let parent: string;
let dir: string;
let lack: string | undefined;
let damages: string[];
const room = { lack: () => lack };
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'max-minutes-'));
  dir = join(parent, 'metrics');
  lack = undefined;
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const points = (value: number): MinutePoint[] => [
  ['app_one', [value, 2, 0, 1, 0, 0]],
  ['app_two', [0, 0, 0]],
];

async function loaded(): Promise<Array<[at: number, points: MinutePoint[]]>> {
  const found: Array<[number, MinutePoint[]]> = [];
  damages = [];
  await new MinuteFiles(dir, room).load({
    add: (at, some) => found.push([at, some]),
    damaged: (text) => damages.push(text),
    signal: new AbortController().signal,
  });
  return found;
}

test('minutes of several runs are read in order, without the zeros at their ends', async () => {
  for (const run of [0, 1]) {
    const files = new MinuteFiles(dir, room);
    for (const minute of [1, 2]) files.append(NOON + (run * 2 + minute) * MINUTE, points(run * 2 + minute));
    files.close();
  }
  expect(await loaded()).toEqual(
    [1, 2, 3, 4].map((minute) => [
      NOON + minute * MINUTE,
      [
        ['app_one', [minute, 2, 0, 1]],
        ['app_two', []],
      ],
    ]),
  );
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
});

test('a record that is not whole, or was damaged, hides none before it and none of other files', async () => {
  const files = new MinuteFiles(dir, room);
  for (const minute of [1, 2, 3]) files.append(NOON + minute * MINUTE, points(minute));
  files.close();
  const [name = ''] = readdirSync(dir);
  const whole = readFileSync(join(dir, name));
  writeFileSync(join(dir, name), whole.subarray(0, whole.length - 3));
  const later = new MinuteFiles(dir, room);
  later.append(NOON + 5 * MINUTE, points(5));
  later.close();
  expect((await loaded()).map(([at]) => (at - NOON) / MINUTE)).toEqual([1, 2, 5]);
  expect(damages).toEqual([expect.stringContaining(name)]);
  whole[10] = whole[10]! ^ 255;
  writeFileSync(join(dir, name), whole);
  expect((await loaded()).map(([at]) => (at - NOON) / MINUTE)).toEqual([5]);
  writeFileSync(join(dir, name), '');
  writeFileSync(join(dir, 'stranger'), 'x');
  expect((await loaded()).map(([at]) => (at - NOON) / MINUTE)).toEqual([5]);
});

test('a file takes an hour, and goes when all of it is older than a day', () => {
  const files = new MinuteFiles(dir, room);
  for (let hour = 0; hour < 30; hour += 1)
    for (const minute of [0, 30]) files.append(NOON + hour * HOUR + minute * MINUTE, points(1));
  files.close();
  const names = readdirSync(dir).sort();
  expect(names[0]).toBe(`00${NOON + 5 * HOUR}.points`);
  expect(names.length).toBe(25);
});

test('without room they are refused, and taken again when there is some', async () => {
  const files = new MinuteFiles(dir, room);
  files.append(NOON, points(1));
  lack = 'the disk has too little room';
  expect(() => files.append(NOON + MINUTE, points(2))).toThrow(lack);
  lack = undefined;
  files.append(NOON + 2 * MINUTE, points(3));
  files.close();
  expect((await loaded()).map(([at]) => (at - NOON) / MINUTE)).toEqual([0, 2]);
});

test('a file of zeros, of garbage, or that is none hides no other, and is told', async () => {
  const files = new MinuteFiles(dir, room);
  files.append(NOON, points(1));
  files.close();
  const before = (hours: number): string => join(dir, `00${NOON - hours * HOUR}.points`);
  writeFileSync(before(1), Buffer.alloc(5000));
  writeFileSync(before(2), Buffer.alloc(5000, 0xff));
  writeFileSync(before(3), 'x');
  mkdirSync(before(4));
  expect((await loaded()).map(([at]) => at)).toEqual([NOON]);
  expect(damages.length).toBe(4);
  expect(damages[3]).toContain(`${before(1)} holds no whole minute after byte 0 of 5000`);
});

test('a clock that is set back takes the place of what it brings again, also of an earlier Max', async () => {
  const early = new MinuteFiles(dir, room);
  for (let minute = 0; minute < 180; minute += 10) early.append(NOON + minute * MINUTE, points(1));
  early.close();
  const files = new MinuteFiles(dir, room);
  files.append(NOON + 30 * MINUTE, points(2));
  files.close();
  expect(readdirSync(dir).sort()).toEqual([`00${NOON}.points`, `00${NOON + 30 * MINUTE}.points`]);
  // The last that is read of a minute holds, and nothing of after it.
  expect((await loaded()).at(-1)).toEqual([NOON + 30 * MINUTE, expect.anything()]);
});

test('what a far future has left goes once the clock has run for an hour: until then it may be the clock that is wrong', () => {
  const DAYS = 24 * HOUR;
  const ahead = new MinuteFiles(dir, room);
  ahead.append(NOON + 300 * DAYS, points(1));
  ahead.close();
  const files = new MinuteFiles(dir, room);
  const left = (): boolean => readdirSync(dir).includes(`00${NOON + 300 * DAYS}.points`);
  for (let minute = 0; minute < 60; minute += 1) files.append(NOON + minute * MINUTE, points(1));
  expect(left()).toBe(true);
  files.append(NOON + HOUR, points(1));
  files.close();
  expect(left()).toBe(false);
});

test('a disk that is full, and a folder that takes no files, are told, and cost nothing of before', async () => {
  const files = new MinuteFiles(dir, room);
  files.append(NOON, points(1));
  symlinkSync('/dev/full', join(dir, `00${NOON + 2 * HOUR}.points`));
  expect(() => files.append(NOON + 2 * HOUR, points(2))).toThrow('ENOSPC');
  rmSync(join(dir, `00${NOON + 2 * HOUR}.points`));
  files.append(NOON + 2 * HOUR, points(3));
  files.close();
  expect((await loaded()).map(([, [first]]) => first![1][0])).toEqual([1, 3]);
  rmSync(dir, { recursive: true });
  symlinkSync('/proc', dir);
  expect(() => files.append(NOON + 3 * HOUR, points(4))).toThrow(/ENOENT|EACCES/);
  expect(await loaded()).toEqual([]);
});

test('what cannot be written is told, and the next goes to a file of its own', async () => {
  writeFileSync(dir, 'in the way');
  const files = new MinuteFiles(dir, room);
  expect(() => files.append(NOON, points(1))).toThrow('EEXIST');
  rmSync(dir);
  files.append(NOON + MINUTE, points(2));
  files.close();
  expect((await loaded()).length).toBe(1);
});
