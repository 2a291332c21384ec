import { readdir } from 'node:fs/promises';

/** The names in a folder, none where there is no such folder. */
export async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}
