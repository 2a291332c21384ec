import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Python's packages go: a folder of the release. */
export const VENV = '.venv';

/** What a console script says of its interpreter is in its first lines: `#!`, or `exec` where that is too long. */
const HEAD_LINES = 3;
const SCRIPT_BYTES = 1024 * 1024;

/**
 * Console scripts name their interpreter by its whole path, and scripts that activate an environment name its folder: lets those
 * of the tree in `folder` name it where it is now.
 *
 * @param from where the tree was; @param to where it is going to be, in the end
 */
export function relocateVenv(folder: string, from: string, to: string): void {
  const programs = join(folder, VENV, 'bin');
  // Nothing is ever written through a symlink, which may lead anywhere.
  const isHere = [join(folder, VENV), programs].every((path) =>
    lstatSync(path, { throwIfNoEntry: false })?.isDirectory(),
  );
  if (from === to || !isHere) return;
  for (const name of readdirSync(programs))
    relocate(join(programs, name), `${from}/`, `${to}/`, /^activate\b/i.test(name));
  relocate(join(folder, VENV, 'pyvenv.cfg'), `${from}/`, `${to}/`, true);
}

function relocate(file: string, from: string, to: string, everywhere: boolean): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > SCRIPT_BYTES) return;
  // Each byte a character: what follows the head may be anything.
  const lines = readFileSync(file, 'latin1').split('\n');
  if (!everywhere && !lines[0]?.startsWith('#!')) return;
  const [before, after] = [from, to].map((path) => Buffer.from(path).toString('latin1')) as [string, string];
  const count = everywhere ? lines.length : HEAD_LINES;
  const head = lines.slice(0, count).join('\n');
  if (!head.includes(before)) return;
  const text = [head.replaceAll(before, after), ...lines.slice(count)].join('\n');
  // In place: its mode stays.
  writeFileSync(file, text, 'latin1');
}
