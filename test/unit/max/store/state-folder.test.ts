import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimStateFolder, removeState } from '../../../../plugins/max/src/store/state-folder.ts';
import { isStateFolder, MARKER_FILE } from '../../../../plugins/max/src/store/state-paths.ts';

let parent: string;
let dir: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'max-folder-'));
  dir = join(parent, 'state');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

test('is made for this user alone, and is held by one Max at a time', () => {
  const folder = claimStateFolder(dir);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(isStateFolder(dir)).toBe(true);
  expect(() => claimStateFolder(dir)).toThrow(expect.objectContaining({ code: 'RIG_MAX_RUNNING', exitCode: 5 }));
  folder.release();
  claimStateFolder(dir).release();
});

test('a folder with other files is refused and left as it is', () => {
  mkdirSync(dir, { mode: 0o755 });
  writeFileSync(join(dir, 'thesis.txt'), 'years of work');
  expect(() => claimStateFolder(dir)).toThrow(
    expect.objectContaining({ code: 'RIG_STATE_DIR', message: expect.stringContaining('thesis.txt') }),
  );
  expect(readdirSync(dir)).toEqual(['thesis.txt']);
  expect(statSync(dir).mode & 0o777).toBe(0o755);
});

test('the marker that another Max is writing at that moment, or was killed at, is no foreign file', () => {
  mkdirSync(dir);
  writeFileSync(join(dir, `${MARKER_FILE}.new`), '');
  claimStateFolder(dir).release();
  expect(isStateFolder(dir)).toBe(true);
});

test('a file in its place is refused', () => {
  writeFileSync(dir, '');
  expect(() => claimStateFolder(dir)).toThrow(expect.objectContaining({ code: 'RIG_STATE_DIR' }));
});

test("removing takes Max's own files, and leaves what somebody put there later", async () => {
  const folder = claimStateFolder(dir);
  mkdirSync(join(folder.content, 'ab'), { recursive: true });
  writeFileSync(folder.log, 'a line\n');
  writeFileSync(join(dir, 'notes.txt'), 'mine');
  await removeState(folder);
  expect(readdirSync(dir)).toEqual(['notes.txt']);
  expect(isStateFolder(dir)).toBe(false);
  rmSync(join(dir, 'notes.txt'));
  await removeState(claimStateFolder(dir));
  expect(existsSync(dir)).toBe(false);
});
