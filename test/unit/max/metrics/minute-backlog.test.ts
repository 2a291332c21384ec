import { expect, test } from 'vitest';
import { MinuteBacklog } from '../../../../plugins/max/src/metrics/minute-backlog.ts';

/** A backlog over a disk that can be full. */
function overDisk(): { backlog: MinuteBacklog; kept: number[]; lines: string[]; disk: { isFull: boolean } } {
  const disk = { isFull: true };
  const kept: number[] = [];
  const lines: string[] = [];
  const append = (at: number): void => {
    if (disk.isFull) throw new Error('ENOSPC: no space left on device');
    kept.push(at);
  };
  const backlog = new MinuteBacklog({ files: { append }, pointsOf: () => [], log: (text) => lines.push(text) });
  return { backlog, kept, lines, disk };
}

const MINUTES = Array.from({ length: 40 }, (_, at) => at + 1);

test('what waits for the disk is written when Max ends, and nothing is told to be lost', () => {
  const { backlog, kept, lines, disk } = overDisk();
  for (const at of MINUTES) backlog.write(at);
  disk.isFull = false;
  backlog.close();
  expect(kept).toEqual(MINUTES);
  expect(lines).toEqual([
    'minutes of figures cannot be kept on disk, and are tried again: ENOSPC: no space left on device',
    'minutes of figures are kept on disk again, with those that had to wait',
  ]);
});

test('what the disk does not take until Max ends is told', () => {
  const { backlog, lines } = overDisk();
  for (const at of MINUTES) backlog.write(at);
  backlog.close();
  expect(lines.at(-1)).toBe('40 minutes of figures could not be kept');
});
