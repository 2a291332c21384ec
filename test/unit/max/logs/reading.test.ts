import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogBatch, LogFilter, LogPage, NetworkLogBatch } from '@rig/plugin-api/max';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logPage } from '../../../../plugins/max/src/deployments/log-pages.ts';
import { LogFollower } from '../../../../plugins/max/src/logs/follower.ts';
import { LineFilter } from '../../../../plugins/max/src/logs/line-filter.ts';
import { Log } from '../../../../plugins/max/src/logs/log.ts';
import { NetworkFollower } from '../../../../plugins/max/src/logs/network-follower.ts';
import { matchPattern } from '../../../../plugins/max/src/logs/pattern-worker.ts';

let folder: string;
let log: Log;
const NOW = Date.now();
const HOUR = 3_600_000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'max-reading-'));
  log = Log.open(join(folder, 'log'));
  // Line n was written n hours ago, from 20 to 1; every fifth is a warning of web.2.
  log.append(
    Array.from({ length: 20 }, (_, index) => ({
      at: NOW - (20 - index) * HOUR,
      instance: index % 5 === 4 ? 'web.2' : 'web.1',
      stream: 'stdout' as const,
      text: index % 5 === 4 ? `WARN line ${index + 1}` : `line ${index + 1}`,
    })),
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const seqs = (page: LogPage): number[] => page.lines.map((line) => line.seq);
const filter = (wanted: LogFilter): LineFilter => new LineFilter(wanted);
const ago = (hours: number): number => NOW - hours * HOUR;

test('a page from a time, to a time, and of the last lines', async () => {
  expect(seqs(await logPage(log, { after: undefined, since: ago(3) }))).toEqual([18, 19, 20]);
  const page = await logPage(log, { after: undefined, since: ago(5.5), until: ago(2.5) });
  expect(seqs(page)).toEqual([16, 17, 18]);
  expect(page).toMatchObject({ last: 20, through: 20, until: new Date(ago(2.5)).toISOString() });
  expect(seqs(await logPage(log, { after: undefined, since: ago(5), lines: 2 }))).toEqual([19, 20]);
  expect(seqs(await logPage(log, { after: undefined, until: ago(9.5), lines: 2 }))).toEqual([10, 11]);
  expect(seqs(await logPage(log, { after: undefined, since: NOW + HOUR }))).toEqual([]);
});

test('a page of the last lines that match, and on after its end', async () => {
  expect(seqs(await logPage(log, { after: undefined, lines: 2, filter: filter({ grep: '^WARN' }) }))).toEqual([15, 20]);
  expect(seqs(await logPage(log, { after: undefined, lines: 9, filter: filter({ level: 'warn' }) }))).toHaveLength(4);
  expect(seqs(await logPage(log, { after: undefined, filter: filter({ instance: 'web.2' }) }))).toHaveLength(4);
  expect(seqs(await logPage(log, { after: undefined, filter: filter({ instance: 'web' }) }))).toHaveLength(20);
  expect(seqs(await logPage(log, { after: undefined, filter: filter({ instance: 'we' }) }))).toHaveLength(0);
  const page = await logPage(log, { after: 0, lines: 2, filter: filter({ level: 'warn' }) });
  expect([seqs(page), page.through]).toEqual([[5, 10], 10]);
});

test('what retention has dropped of the time that is asked for is a gap', async () => {
  const small = Log.open(join(folder, 'small'), { segmentBytes: 400, maxBytes: 800 });
  for (let n = 0; n < 50; n += 1) small.append([{ at: NOW, instance: 'w', stream: 'stdout', text: 'x'.repeat(50) }]);
  expect(small.first).toBeGreaterThan(1);
  const page = await logPage(small, { after: undefined, since: ago(1) });
  expect(page.gap).toEqual({ from: 1, to: small.first - 1 });
  expect(page.lines[0]?.seq).toBe(small.first);
});

test('a pattern that backtracks for ever is ended, and the next one works', async () => {
  const text = `${'a'.repeat(40)}!`;
  await expect(matchPattern('^(a+)+$', [text], 200)).rejects.toThrow(/takes too long/);
  expect(await matchPattern('a!', [text, 'b'])).toEqual([true, false]);
});

/** Follows to the end. */
function follow(options: {
  filter?: LineFilter;
  after?: number;
  until?: number;
  window?: number;
}): Promise<LogBatch[]> {
  const batches: LogBatch[] = [];
  return new Promise((resolve, reject) => {
    const follower = new LogFollower({
      log,
      after: 0,
      ended: () => true,
      ...options,
      send: (batch) => {
        batches.push(batch);
        const last = 'lines' in batch ? batch.lines.at(-1) : undefined;
        if (last) setImmediate(() => follower.acknowledge(last.seq));
      },
      onEnd: () => resolve(batches),
      onFail: reject,
    });
  });
}

test('a follower sends what matches, says how far it looked, and ends at its time', async () => {
  const [batch] = await follow({ filter: filter({ level: 'warn' }) });
  expect(batch).toMatchObject({ lines: [{ seq: 5 }, { seq: 10 }, { seq: 15 }, { seq: 20 }], through: 20 });
  const small = await follow({ filter: filter({ level: 'warn' }), window: 1 });
  expect(small.map((sent) => ('lines' in sent ? sent.lines.map(({ seq }) => seq) : []))).toEqual([
    [5],
    [10],
    [15],
    [20],
  ]);
  const old = await follow({ until: ago(17.5) });
  expect(old).toMatchObject([{ lines: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] }]);
});

test('a follower ends once its time is past, also where a timer comes early', async () => {
  const empty = Log.open(join(folder, 'empty'));
  const ends = Array.from({ length: 50 }, (_, index) => Date.now() + 5 + index);
  const ended = ends.map(
    (until) =>
      new Promise<number>((resolve, reject) => {
        new LogFollower({
          log: empty,
          after: 0,
          until,
          send: () => {},
          onEnd: () => resolve(Date.now() - until),
          onFail: reject,
        });
      }),
  );
  expect(Math.min(...(await Promise.all(ended)))).toBeGreaterThan(0);
});

test('a follower whose filter lets nothing through says now and then how far it is', async () => {
  log.append(Array.from({ length: 2_500 }, () => ({ at: NOW, instance: 'w', stream: 'stdout' as const, text: 'x' })));
  const batches = await follow({ filter: filter({ grep: 'nowhere' }) });
  expect(batches.length).toBeGreaterThan(1);
  expect(batches.every((batch) => 'lines' in batch && batch.lines.length === 0 && (batch.through ?? 0) > 0)).toBe(true);
});

test('a follower whose pattern takes too long fails, and says why', async () => {
  log.append([{ at: NOW, instance: 'w', stream: 'stdout', text: `${'a'.repeat(50)}!` }]);
  await expect(follow({ filter: filter({ grep: '^(a+)+$' }) })).rejects.toThrow(/takes too long/);
});

test('a network follower puts the lines of its apps in order of time, within one window', async () => {
  const other = Log.open(join(folder, 'other'));
  other.append(
    [19.5, 10.5, 0.5].map((hours) => ({
      at: ago(hours),
      instance: 'web.1',
      stream: 'stdout' as const,
      text: `${hours}`,
    })),
  );
  const batches: NetworkLogBatch[] = [];
  await new Promise<void>((resolve, reject) => {
    const follower: NetworkFollower = new NetworkFollower({
      apps: [
        { id: 'app_a', name: 'api', log, after: 0 },
        { id: 'app_b', name: 'web', log: other, after: 0 },
      ],
      filter: new LineFilter({}),
      until: undefined,
      follow: false,
      window: 4,
      send: (batch) => {
        batches.push(batch);
        const last = 'lines' in batch ? batch.lines.at(-1) : undefined;
        if (last) setImmediate(() => follower.acknowledge(last.appId, last.seq));
      },
      ready: async () => {},
      onEnd: resolve,
      onFail: reject,
    });
  });
  const lines = batches.flatMap((batch) => ('lines' in batch ? batch.lines : []));
  expect(batches.every((batch) => 'lines' in batch && batch.lines.length <= 4)).toBe(true);
  expect(lines).toHaveLength(23);
  expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).sort());
  expect(batches.at(-1)).toMatchObject({ through: { app_b: 3 } });
});
