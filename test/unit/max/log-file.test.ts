import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLog } from '../../../plugins/max/src/log-file.ts';

test.skipIf(process.platform !== 'linux')('lines that a full disk did not take are counted, and said later', () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-log-'));
  const file = join(dir, 'max.log');
  const seen: string[] = [];
  symlinkSync('/dev/full', file);
  const log = openLog(file, (line) => seen.push(line));
  log('one\ntwo');
  log('three');
  rmSync(file);
  log('four');
  log('five');
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.map((line) => line.slice(25))).toEqual(['3 lines could not be written here', 'four', 'five', '']);
  expect(seen).toEqual(['one\ntwo', 'three', 'four', 'five']);
  rmSync(dir, { recursive: true });
});
