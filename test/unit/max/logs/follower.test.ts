import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { LogBatch } from '@rig/plugin-api/max';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFollower } from '../../../../plugins/max/src/logs/follower.ts';
import { Log } from '../../../../plugins/max/src/logs/log.ts';

let folder: string;
let sent: LogBatch[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'max-follow-'));
  sent = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const append = (log: Log, count: number): void =>
  log.append(Array.from({ length: count }, () => ({ at: 0, instance: 'w', stream: 'stdout' as const, text: 'x' })));
const seqs = (): number[] => sent.flatMap((batch) => ('lines' in batch ? batch.lines.map((line) => line.seq) : []));
const send = (batch: LogBatch): void => void sent.push(batch);
const settle = async (): Promise<void> => {
  for (let count = 0; count < 50; count += 1) await turn();
};
const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('never more than the window goes out before it is acknowledged', async () => {
  const log = Log.open(folder);
  append(log, 1_000);
  const follower = new LogFollower({ log, after: 0, window: 300, send });
  await settle();
  expect(seqs()).toEqual(upTo(1, 300));
  append(log, 10);
  await settle();
  expect(seqs()).toHaveLength(300);
  follower.acknowledge(120);
  await settle();
  expect(seqs()).toEqual(upTo(1, 420));
  follower.acknowledge(5_000);
  follower.acknowledge(100);
  await settle();
  expect(seqs()).toHaveLength(420);
  follower.acknowledge(420);
  await settle();
  follower.acknowledge(720);
  await settle();
  expect(seqs()).toEqual(upTo(1, 1_010));
  follower.stop();
  append(log, 1);
  await settle();
  expect(seqs()).toHaveLength(1_010);
});

test('a gap is told before the lines that follow it', async () => {
  const log = Log.open(folder, { segmentBytes: 500, maxBytes: 1_000 });
  for (let count = 0; count < 100; count += 1) append(log, 1);
  new LogFollower({ log, after: 3, send });
  await settle();
  expect(sent[0]).toEqual({ gap: { from: 4, to: log.first - 1 } });
  expect(seqs()).toEqual(upTo(log.first, 100));
});

test('the end comes once, after every line', async () => {
  const log = Log.open(folder);
  append(log, 5);
  let ended = false;
  const ends: number[] = [];
  const follower = new LogFollower({
    log,
    after: 0,
    window: 3,
    send,
    ended: () => ended,
    onEnd: (last) => ends.push(last),
  });
  await settle();
  ended = true;
  log.wake();
  await settle();
  expect(ends).toEqual([]);
  follower.acknowledge(3);
  await settle();
  log.wake();
  await settle();
  expect(ends).toEqual([5]);
  expect(seqs()).toEqual(upTo(1, 5));
});

test('nothing is read while the connection takes nothing, and it stops when that is gone', async () => {
  const log = Log.open(folder);
  append(log, 10);
  const waiting: Array<{ resolve: () => void; reject: (error: Error) => void }> = [];
  new LogFollower({
    log,
    after: 0,
    send,
    ready: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
  });
  await settle();
  expect(sent).toEqual([]);
  waiting.shift()!.resolve();
  await settle();
  expect(seqs()).toHaveLength(10);
  waiting.shift()!.reject(new Error('gone'));
  append(log, 5);
  await settle();
  expect(seqs()).toHaveLength(10);
});
