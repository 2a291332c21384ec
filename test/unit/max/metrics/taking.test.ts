import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NOON, Taking } from './taking-kit.ts';

let taking: Taking;
beforeEach(() => {
  taking = new Taking();
});
afterEach(() => taking.remove());

const down = async (): Promise<never> => {
  throw new Error('EMFILE: too many open files');
};

test('who waits for figures while they cannot be taken hears why, and has them when they can', async () => {
  taking.usage = down;
  await taking.start();
  const asked = [taking.metrics.current(), taking.metrics.current()];
  for (const one of asked) one.catch(() => undefined);
  await taking.pass(1);
  for (const one of asked)
    await expect(one).rejects.toMatchObject({
      status: 503,
      code: 'RIG_BUSY',
      message: 'Max could not take the figures of its apps: EMFILE: too many open files',
    });
  await taking.pass(100);
  expect(taking.lines.length).toBe(1);
  taking.usage = async () => ({ memoryBytes: 1000 });
  const next = taking.metrics.current();
  await taking.pass(1);
  expect((await next).apps[0]!.figures.memoryBytes).toBe(1000);
});

test('one who fails to hear of figures keeps them from nobody', async () => {
  await taking.start();
  const heard: string[] = [];
  taking.metrics.follow(() => {
    throw new Error('no ears');
  });
  taking.metrics.follow(({ at }) => heard.push(at));
  await taking.pass(1);
  expect(heard).toEqual([new Date(NOON + 1000).toISOString()]);
  expect(taking.metrics.last?.at).toBe(heard[0]);
  expect(taking.lines.join()).toContain('figures could not be told: no ears');
});

test('figures of before an outage are not told as those of now', async () => {
  await taking.start();
  await taking.pass(1);
  expect(taking.metrics.last?.at).toBe(new Date(NOON + 1000).toISOString());
  taking.usage = down;
  await taking.pass(1);
  expect(taking.metrics.last).toBeUndefined();
  const asked = taking.metrics.current();
  asked.catch(() => undefined);
  await taking.pass(1);
  await expect(asked).rejects.toMatchObject({ code: 'RIG_BUSY' });
});

test('who waits when Max ends is told so, and who asks after that', async () => {
  taking.usage = () => new Promise(() => undefined);
  await taking.start();
  const asked = taking.metrics.current();
  void taking.metrics.stop();
  await expect(asked).rejects.toMatchObject({ code: 'RIG_BUSY', message: 'Max is about to end' });
  await expect(taking.metrics.current()).rejects.toMatchObject({ code: 'RIG_BUSY' });
});

test('after seconds that were left out, rates are of the time that went by', async () => {
  taking.usage = async () => ({ cpuSeconds: 0.5 });
  await taking.start();
  await taking.pass(2);
  taking.answer(10);
  // A look that takes three seconds: two ticks are left out.
  taking.usage = async () => {
    await new Promise((resolve) => setTimeout(resolve, 3000));
    return { cpuSeconds: 0.5 };
  };
  await taking.pass(1);
  taking.answer(30);
  taking.usage = async () => ({ cpuSeconds: 2 });
  await taking.pass(3);
  expect(taking.metrics.last).toMatchObject({ seconds: 4 });
  expect(taking.metrics.last!.apps[0]!.figures).toMatchObject({ requests: 40, cpu: 0.5 });
  await taking.pass(1);
  expect(taking.metrics.last!.apps[0]!.figures).toMatchObject({ requests: 0 });
  expect(taking.points(1)).toEqual([
    [1, 1, 0],
    [2, 1, 0],
    [3, 4, 40],
    [7, 1, 0],
  ]);
  expect(taking.metrics.recent('app_web')).toMatchObject({ seconds: 7, requests: 40 });
});

test('a tick that comes late, as Max was suspended, is of the second that it comes in', async () => {
  await taking.start();
  await taking.pass(1);
  vi.setSystemTime(NOON + 31_400);
  await taking.pass(1);
  expect(taking.points(1).map(([at]) => at)).toEqual([1, 32]);
});

test('a minute of an app that does nothing takes a few bytes on disk, and says its seconds where they are others', async () => {
  taking.usage = async () => ({ memoryBytes: 50_000_000, sockets: 1 });
  await taking.start();
  for (let minute = 0; minute < 10; minute += 1) {
    await taking.pass(30);
    vi.setSystemTime(Date.now() + 30_000 * (minute % 2));
    await taking.pass(minute % 2 === 0 ? 30 : 1);
    if (minute % 2 === 1) vi.setSystemTime(Date.now() - 1000);
  }
  const [name = ''] = readdirSync(taking.dir);
  // Head and time are one for all apps.
  expect(statSync(join(taking.dir, name)).size / 10).toBeLessThan(8 + 6 + 20);
  await taking.restart();
  const seconds = taking.points(60).map(([, each]) => Math.round(each));
  expect(seconds.slice(0, 4)).toEqual([60, 30, 60, 30]);
});

test('a minute counts each of its points by its seconds', async () => {
  taking.usage = async () => ({ cpuSeconds: 0 });
  await taking.start();
  await taking.pass(58);
  taking.usage = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { cpuSeconds: 1 };
  };
  await taking.pass(2);
  taking.usage = async () => ({});
  await taking.pass(1);
  const { points } = taking.metrics.history('app_web', 60, 0, Number.POSITIVE_INFINITY);
  expect(points[0]!.cpu).toBeCloseTo(2.5 / 60.5, 2);
  expect(points[0]!.seconds).toBe(60);
});

test('a clock that is set back costs what it brings again, and counts no request twice', async () => {
  await taking.start();
  for (let second = 0; second < 150; second += 1) {
    taking.answer(1);
    await taking.pass(1);
  }
  vi.setSystemTime(Date.now() - 70_000);
  for (let second = 0; second < 70; second += 1) {
    taking.answer(2);
    await taking.pass(1);
  }
  const seconds = taking.points(1);
  expect(seconds.map(([at]) => at)).toEqual([...Array(150).keys()].map((index) => index + 1));
  expect(seconds.filter(([, , requests]) => requests === 1).length).toBe(80);
  expect(taking.points(60)).toEqual([
    [60, 60, 60],
    [120, 60, 100],
  ]);
  expect(taking.requests.of('app_web')!.totals.statuses[1]).toBe(150 + 140);
});

test('a disk that takes no minutes costs no figures, is told once, and has them when it takes some again', async () => {
  await taking.start();
  await taking.pass(60);
  taking.lack = 'the disk has too little room';
  for (let minute = 0; minute < 5; minute += 1) {
    taking.answer(minute + 1);
    await taking.pass(60);
  }
  expect(taking.metrics.last?.at).toBe(new Date(NOON + 360_000).toISOString());
  expect(taking.lines).toEqual([
    'minutes of figures cannot be kept on disk, and are tried again: the disk has too little room',
  ]);
  const inMemory = taking.points(60);
  taking.lack = undefined;
  await taking.pass(60);
  expect(taking.lines[1]).toBe('minutes of figures are kept on disk again, with those that had to wait');
  await taking.restart();
  expect(taking.points(60).slice(0, -1)).toEqual(inMemory);
  expect(taking.points(60).length).toBe(7);
});

test('minutes that never came to disk are said to be lost as Max ends', async () => {
  mkdirSync(join(taking.dir, '..'), { recursive: true });
  writeFileSync(taking.dir, 'in the way');
  await taking.start();
  await taking.pass(120);
  await taking.metrics.stop();
  expect(taking.lines.at(-1)).toBe('2 minutes of figures could not be kept');
  rmSync(taking.dir);
});

test('damaged files cost neither the start nor what is whole, and are told', async () => {
  await taking.start();
  await taking.pass(120);
  const [name = ''] = readdirSync(taking.dir);
  writeFileSync(join(taking.dir, name.replace(/\d{3}\./, '001.')), Buffer.alloc(999));
  await taking.restart();
  expect(taking.points(60).map(([at]) => at)).toEqual([60, 120]);
  expect(taking.lines).toEqual([expect.stringMatching(/^minutes of figures are missing: .*after byte 0 of 999$/)]);
});

test('minutes of a clock that ran ahead are not told when Max starts again', async () => {
  await taking.start();
  await taking.pass(180);
  vi.setSystemTime(NOON + 100_000);
  await taking.restart();
  expect(taking.points(60).map(([at]) => at)).toEqual([60]);
  await taking.pass(30);
  await taking.restart();
  expect(taking.points(60).map(([at]) => at)).toEqual([60, 120]);
});
