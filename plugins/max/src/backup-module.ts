import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Loads what writes and reads backups: a bundle of its own, as it needs the database; its source where rig runs from source. */
export async function backupModule(): Promise<typeof import('./backup/main.ts')> {
  const built = new URL('./backup.js', import.meta.url);
  const module = existsSync(fileURLToPath(built)) ? built : new URL('./backup/main.ts', import.meta.url);
  return (await import(module.href)) as typeof import('./backup/main.ts');
}
