import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VENV } from '../build/python-builder.ts';

/** What a console script of Python says of its interpreter is in its first lines: `#!`, or `exec` where that is too long. */
const HEAD_LINES = 3;
const SCRIPT_BYTES = 1024 * 1024;

/**
 * Python's console scripts name their interpreter by its whole path: lets those of restored builds name the one in their new
 * place.
 *
 * @param builds the folder of the builds as it is now; @param from and to the state folder, before and then
 */
export function relocateScripts(builds: string, from: string, to: string): void {
  if (from === to || !existsSync(builds)) return;
  for (const build of readdirSync(builds)) {
    const programs = join(builds, build, 'app', VENV, 'bin');
    if (!lstatSync(programs, { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const name of readdirSync(programs))
      relocate(join(programs, name), `${from}/builds/${build}/`, `${to}/builds/${build}/`);
  }
}

function relocate(file: string, from: string, to: string): void {
  const found = lstatSync(file);
  if (!found.isFile() || found.size > SCRIPT_BYTES) return;
  // Each byte a character: what follows the head may be anything.
  const lines = readFileSync(file, 'latin1').split('\n');
  if (!lines[0]?.startsWith('#!')) return;
  const [before, after] = [from, to].map((path) => Buffer.from(path).toString('latin1')) as [string, string];
  const head = lines.slice(0, HEAD_LINES).join('\n');
  if (!head.includes(before)) return;
  const text = [head.replaceAll(before, after), ...lines.slice(HEAD_LINES)].join('\n');
  // In place: its mode stays.
  writeFileSync(file, text, 'latin1');
}
