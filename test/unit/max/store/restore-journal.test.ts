import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitRestore, restoreInterrupted } from '../../../../plugins/max/src/store/restore-journal.ts';
import { claimStateFolder } from '../../../../plugins/max/src/store/state-folder.ts';
import { JOURNAL_FILE, replacedNames } from '../../../../plugins/max/src/store/state-paths.ts';

const OLD = ['max.db', 'max.db-wal', 'max.key', 'owner-token', 'logs', 'builds'];
const NEW = ['max.db', 'max.key', 'content', 'builds'];

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-journal-'));
  mkdirSync(join(dir, 'restored'));
  for (const name of OLD) writeFileSync(join(dir, name), 'old');
  for (const name of NEW) writeFileSync(join(dir, 'restored', name), 'new');
  for (const name of ['port', 'max.log']) writeFileSync(join(dir, name), 'machine');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const texts = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !/lock|rig-max-state/.test(entry.name))
      .map(({ name }) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
const all = (names: string[], text: string) => Object.fromEntries(names.map((name) => [name, text]));

function expectRestored(): void {
  expect(texts(dir)).toEqual({ ...all(NEW, 'new'), ...all(['port', 'max.log'], 'machine') });
  expect(texts(join(dir, 'replaced'))).toEqual(all(OLD, 'old'));
  expect(existsSync(join(dir, 'restored'))).toBe(false);
}

test('what was restored takes the place of all that was there, but for what belongs to the machine', () => {
  commitRestore(dir);
  expectRestored();
});

test('a restore that is killed at any point is finished by the next that claims the folder', () => {
  const away = replacedNames().filter((name) => OLD.includes(name));
  const steps: Array<() => void> = [
    () => writeFileSync(join(dir, JOURNAL_FILE), '{"phase":"set-aside"}\n'),
    () => mkdirSync(join(dir, 'replaced')),
    ...away.map((name) => () => renameSync(join(dir, name), join(dir, 'replaced', name))),
    () => writeFileSync(join(dir, JOURNAL_FILE), '{"phase":"put-in-place"}\n'),
    ...NEW.map((name) => () => renameSync(join(dir, 'restored', name), join(dir, name))),
  ];
  const origin = dir;
  for (let done = 1; done <= steps.length; done += 1) {
    dir = join(origin, String(done));
    mkdirSync(join(dir, 'restored'), { recursive: true });
    for (const name of OLD) writeFileSync(join(dir, name), 'old');
    for (const name of NEW) writeFileSync(join(dir, 'restored', name), 'new');
    for (const name of ['port', 'max.log']) writeFileSync(join(dir, name), 'machine');
    for (const step of steps.slice(0, done)) step();
    expect(restoreInterrupted(dir)).toBe(true);
    claimStateFolder(dir).release();
    expect(restoreInterrupted(dir)).toBe(false);
    expectRestored();
  }
  dir = origin;
});

test('before it is noted nothing has happened', () => {
  claimStateFolder(dir).release();
  expect(texts(dir)).toMatchObject(all(OLD, 'old'));
});

test('a note that is damaged stops whoever claims the folder, and nothing is moved', () => {
  writeFileSync(join(dir, JOURNAL_FILE), 'x');
  expect(() => claimStateFolder(dir)).toThrow(expect.objectContaining({ code: 'RIG_STATE_DIR' }));
  expect(texts(dir)).toMatchObject(all(OLD, 'old'));
});
