import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below the folders, in a stable order; built output and dependencies are left out. */
export function filesBelow(dirs: readonly string[]): string[] {
  return dirs.flatMap((dir) =>
    readdirSync(dir, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        if (['node_modules', 'dist'].includes(entry.name)) return [];
        const path = join(dir, entry.name);
        if (entry.isDirectory()) return filesBelow([path]);
        return entry.isFile() ? [path] : [];
      }),
  );
}

/** A hash of the contents of files: the same sources give the same. */
export function contentHash(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(statSync(file).size.toString()).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
