import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolderUnusable } from './errors.ts';
import { writePrivateFile } from './private-file.ts';
import { JOURNAL_FILE, REPLACED_FOLDER, RESTORED_FOLDER, replacedNames } from './state-paths.ts';

/**
 * A restored state takes the place of the old one by renames within the state folder. They are noted beforehand: a process
 * that is killed amid them leaves a note, and the next one that claims the folder finishes what it says.
 */
type Phase = 'set-aside' | 'put-in-place';

/** Whether a restore was killed while it put the new state in its place. */
export function restoreInterrupted(dir: string): boolean {
  return existsSync(join(dir, JOURNAL_FILE));
}

/** Puts the state that was made ready in the folder of restored ones in the place of the old one. Call it with the folder claimed. */
export function commitRestore(dir: string): void {
  note(dir, 'set-aside');
  finishRestore(dir);
}

/** Brings a restore that was killed amid its renames to its end; does nothing where there is none. */
export function finishRestore(dir: string): void {
  const phase = phaseOf(dir);
  if (phase === undefined) return;
  if (phase === 'set-aside') {
    mkdirSync(join(dir, REPLACED_FOLDER), { recursive: true, mode: 0o700 });
    for (const name of replacedNames()) move(join(dir, name), join(dir, REPLACED_FOLDER, name));
    note(dir, 'put-in-place');
  }
  const restored = join(dir, RESTORED_FOLDER);
  if (existsSync(restored)) for (const name of readdirSync(restored)) move(join(restored, name), join(dir, name));
  rmSync(join(dir, JOURNAL_FILE));
  for (const folder of [RESTORED_FOLDER, REPLACED_FOLDER]) removeEmpty(join(dir, folder));
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function removeEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // What was set aside: whoever ends its apps removes it.
  }
}

function note(dir: string, phase: Phase): void {
  writePrivateFile(join(dir, JOURNAL_FILE), `${JSON.stringify({ phase })}\n`);
}

function phaseOf(dir: string): Phase | undefined {
  const file = join(dir, JOURNAL_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const phase = /"phase":"(set-aside|put-in-place)"/.exec(text)?.[1] as Phase | undefined;
  if (phase === undefined) throw stateFolderUnusable(dir, `its note of a restore, ${file}, is damaged`);
  return phase;
}
