import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OomKills } from '../../../../plugins/max/src/engine/oom-kills.ts';

/** The files of a system, by their paths, and how often each was read. */
const files = new Map<string, string>();
const reads = new Map<string, number>();
vi.mock('node:fs', () => ({
  readFileSync: (path: string) => {
    const text = files.get(path);
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    reads.set(path, (reads.get(path) ?? 0) + 1);
    return text;
  },
}));

beforeEach(() => {
  files.clear();
  reads.clear();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

const kills = (group: string, count: number): void => {
  files.set(`/sys/fs/cgroup${group}/memory.events`, `low 0\noom ${count}\noom_kill ${count}\n`);
};
const runsIn = (pid: number, group: string): void => {
  files.set(`/proc/${pid}/cgroup`, `0::${group}\n`);
};
const pass = (seconds: number): void => void vi.advanceTimersByTime(seconds * 1000);

test('a kill in the group of a process is told for ten seconds, one of before its start or of another group is not', () => {
  const all = new OomKills();
  kills('/a', 3);
  kills('/b', 0);
  for (const pid of [1, 2]) runsIn(pid, '/a');
  runsIn(3, '/b');
  const [one, other] = [all.of(1), all.of(3)];
  pass(20);
  kills('/a', 4);
  expect([one.rose(), other.rose()]).toEqual([true, false]);
  const late = all.of(2);
  pass(8);
  expect([one.rose(), late.rose()]).toEqual([true, false]);
  pass(4);
  expect(one.rose()).toBe(false);
  for (const each of [one, other, late]) each.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a process that is moved to another group as it starts, or later, is looked at there', () => {
  const all = new OomKills();
  kills('/a', 0);
  kills('/b', 7);
  runsIn(1, '/a');
  const one = all.of(1);
  pass(1);
  runsIn(1, '/b');
  pass(1);
  expect(one.rose()).toBe(false);
  kills('/b', 8);
  expect(one.rose()).toBe(true);
  pass(30);
  runsIn(1, '/a');
  pass(10);
  kills('/a', 1);
  expect(one.rose()).toBe(true);
});

test('a counter is read once a second however many processes it is of, and where they run seldom', () => {
  const all = new OomKills();
  files.set('/proc/vmstat', 'pgfault 1\noom_kill 5\n');
  for (let pid = 1; pid <= 100; pid += 1) {
    runsIn(pid, '/none');
    all.of(pid);
  }
  pass(20);
  reads.clear();
  pass(10);
  expect(reads.get('/proc/vmstat')).toBe(10);
  reads.delete('/proc/vmstat');
  expect([...reads.values()]).toEqual(Array(100).fill(1));
});

test('a group that goes with its process is remembered for what it told last', () => {
  const all = new OomKills();
  kills('/a', 0);
  runsIn(1, '/a');
  const one = all.of(1);
  pass(1);
  files.delete('/proc/1/cgroup');
  kills('/a', 1);
  expect(one.rose()).toBe(true);
  files.delete('/sys/fs/cgroup/a/memory.events');
  pass(1);
  expect(one.rose()).toBe(false);
});
