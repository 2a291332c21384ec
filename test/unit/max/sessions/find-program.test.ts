import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runnable } from '../../../../plugins/max/src/sessions/find-program.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'max-programs-'));
  for (const folder of ['bin', 'more', 'more/tool', 'more/folder']) mkdirSync(join(cwd, folder));
  for (const file of ['bin/tool', 'own']) writeFileSync(join(cwd, file), '', { mode: 0o755 });
  for (const file of ['data', 'more/data']) writeFileSync(join(cwd, file), '', { mode: 0o644 });
  // It cannot be looked into, by root neither.
  symlinkSync('loop', join(cwd, 'loop'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** The path of the program that is run, or what is said and the code. */
function found(program: string, path: string): string | [text: string, code: number | null] {
  const [file = '', ...args] = runnable([program, 'argument'], cwd, { PATH: path });
  if (args.length === 1) return file.replace(`${cwd}/`, '');
  const { stderr, status } = spawnSync(file, args, { encoding: 'utf8' });
  return [stderr.trim(), status];
}

const missing = (name: string) => [`max: ${name}: no such program in PATH or in the app's folder`, 127];
const closed = (name: string) => [`max: ${name}: is not executable`, 126];

test("a name is looked for in the folders of the app's PATH, which may be relative, and folders are no programs", () => {
  expect(found('tool', '/nowhere:more:bin')).toBe('bin/tool');
  expect(found('tool', join('/nowhere:/usr', '..', 'bin:bin'))).toBe('bin/tool');
  expect(found('own', 'bin:')).toBe('own');
  expect(found('own', 'bin:more')).toEqual(missing('own'));
  expect(found('folder', 'more')).toEqual(missing('folder'));
  expect(found('data', 'bin:more')).toEqual(closed('data'));
  expect(found('', 'bin:more')).toEqual(missing(''));
});

test('a path is one from the folder of the app, whatever PATH has', () => {
  expect(found('./bin/tool', 'more')).toBe('bin/tool');
  expect(found('bin/tool', 'more')).toBe('bin/tool');
  expect(found('./data', 'more')).toEqual(closed('./data'));
  expect(found('./more', 'more')).toEqual(closed('./more'));
  expect(found('./nosuch', 'more')).toEqual(missing('./nosuch'));
  expect(found('./data/x', 'more')).toEqual(missing('./data/x'));
});

test('a folder of PATH that cannot be looked into hides nothing of the others', () => {
  expect(found('tool', 'loop:bin')).toBe('bin/tool');
  expect(found('tool', 'loop')).toEqual(missing('tool'));
});
