import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogBatch, NetworkLogBatch } from '@rig/plugin-api/max';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logPage } from '../../../../plugins/max/src/deployments/log-pages.ts';
import { LogFollower } from '../../../../plugins/max/src/logs/follower.ts';
import { LineFilter } from '../../../../plugins/max/src/logs/line-filter.ts';
import { Log } from '../../../../plugins/max/src/logs/log.ts';
import { NetworkFollower } from '../../../../plugins/max/src/logs/network-follower.ts';

let folder: string;
let log: Log;
/** First numbers of the segments, and the last number of all. */
let firsts: number[];
const LAST = 200;

const files = (): string[] => readdirSync(folder).sort();
const path = (index: number): string => join(folder, files()[index]!);
/** The lines of a segment, its header first. */
const content = (index: number): string[] => readFileSync(path(index), 'utf8').split('\n');
const reopen = (): void => {
  log.close();
  log = Log.open(folder, { segmentBytes: 2_000 });
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'max-lost-'));
  log = Log.open(folder, { segmentBytes: 2_000 });
  for (let n = 1; n <= LAST; n += 1) log.append([{ at: n, instance: 'w', stream: 'stdout', text: `line ${n}` }]);
  firsts = files().map((name) => Number(name.slice(0, 16)));
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  gaps: Array<{ from: number; to: number }>;
  seqs: number[];
}

/** Follows to the end, as clients do. */
function follow(window: number): Promise<Told> {
  const told: Told = { gaps: [], seqs: [] };
  return new Promise((resolve, reject) => {
    const follower = new LogFollower({
      ...{ log, after: 0, window, ended: () => true, onFail: reject },
      send: (batch: LogBatch) => {
        if ('gap' in batch) return told.gaps.push(batch.gap);
        told.seqs.push(...batch.lines.map(({ seq }) => seq));
        setImmediate(() => follower.acknowledge(told.seqs.at(-1)!));
      },
      onEnd: () => resolve(told),
    });
  });
}

function followNetwork(): Promise<Told> {
  const told: Told = { gaps: [], seqs: [] };
  return new Promise((resolve, reject) => {
    const follower = new NetworkFollower({
      ...{ apps: [{ id: 'a', name: 'a', log, after: 0 }], filter: new LineFilter({}), until: undefined, follow: false },
      send: (batch: NetworkLogBatch) => {
        if ('gap' in batch) return told.gaps.push(batch.gap);
        told.seqs.push(...batch.lines.map(({ seq }) => seq));
        setImmediate(() => follower.acknowledge('a', told.seqs.at(-1)!));
      },
      ready: async () => {},
      onEnd: () => resolve(told),
      onFail: reject,
    });
  });
}

async function pages(lines: number): Promise<Told> {
  const told: Told = { gaps: [], seqs: [] };
  for (let after = 0; after < LAST; ) {
    const page = await logPage(log, { after, lines });
    if (page.gap !== undefined) told.gaps.push(page.gap);
    told.seqs.push(...page.lines.map(({ seq }) => seq));
    expect(page.through).toBeGreaterThan(after);
    after = page.through;
  }
  return told;
}

const ways = [
  ['followed', () => follow(1000)],
  ['followed by one who acknowledges seldom', () => follow(3)],
  ['followed with its network', followNetwork],
  ['read by the page', () => pages(1000)],
  ['read by small pages', () => pages(7)],
] as const;

const rest = (...lost: Array<{ from: number; to: number }>): number[] =>
  Array.from({ length: LAST }, (_, index) => index + 1).filter(
    (n) => !lost.some(({ from, to }) => n >= from && n <= to),
  );

test.each(ways)('lines that a segment has lost at its end are a gap for a log that is %s', async (_, read) => {
  // The second has half of its lines, and the fourth nothing but its head.
  const half = { from: firsts[1]! + 3, to: firsts[2]! - 1 };
  writeFileSync(path(1), `${content(1).slice(0, 4).join('\n')}\n`);
  const whole = { from: firsts[3]!, to: firsts[4]! - 1 };
  truncateSync(path(3), content(3)[0]!.length + 1);
  reopen();
  expect(await read()).toEqual({ gaps: [half, whole], seqs: rest(half, whole) });
});

test.each(ways)('a long line that is damaged does not hide those after it, for a log that is %s', async (_, read) => {
  const lines = content(1);
  // Its number is missing among the others, which is what tells of it.
  lines[2] = 'x'.repeat(300_000);
  writeFileSync(path(1), lines.join('\n'));
  reopen();
  const lost = { from: firsts[1]! + 1, to: firsts[1]! + 1 };
  expect((await read()).seqs).toEqual(rest(lost));
});
