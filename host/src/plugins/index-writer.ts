import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile, temporaryName } from '../files.ts';
import type { CommandIndex } from './index-file.ts';

/**
 * Writes an index with its help into a folder named by its content, then moves the pointer to it in one rename.
 *
 * Call it under the lock of the registry: nobody else writes then.
 */
export async function writeIndex(dir: string, index: CommandIndex, help: ReadonlyMap<string, string>): Promise<void> {
  const text = JSON.stringify(index);
  const folder = createHash('sha256')
    .update(text)
    .update(JSON.stringify([...help]))
    .digest('hex')
    .slice(0, 16);
  const target = join(dir, 'indexes', folder);
  if (!existsSync(target)) {
    const temporary = temporaryName(target);
    mkdirSync(join(temporary, 'help'), { recursive: true, mode: 0o700 });
    for (const [path, content] of help) writeFileSync(join(temporary, 'help', `${path}.txt`), content);
    writeFileSync(join(temporary, 'index.json'), text);
    renameSync(temporary, target);
  }
  await replaceFile(join(dir, 'current'), `${folder} ${index.build}\n`);
  removeOthers(join(dir, 'indexes'), folder);
}

/** Old indexes go, and what a killed rig left half written; a rig that reads one right now falls back to rebuilding. */
function removeOthers(indexes: string, keep: string): void {
  for (const name of readdirSync(indexes))
    if (name !== keep) rmSync(join(indexes, name), { recursive: true, force: true });
}
