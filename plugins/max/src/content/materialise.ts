import { createWriteStream } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { TreeEntry } from '@rig/plugin-api/max';
import type { ContentStore } from './content-store.ts';

type FileEntry = TreeEntry & { type: 'file' };

/** Files up to this size are held in memory, a few side by side. */
const SMALL = 1024 * 1024;
const SIDE_BY_SIDE = 8;

/**
 * Writes a checked tree into a folder that is empty or not there yet: files with their mode, symlinks, empty folders.
 * The content of each file is checked once more on the way.
 *
 * @throws Error when the folder holds something already, or the content was removed or damaged
 */
export async function materialise(
  content: ContentStore,
  entries: readonly TreeEntry[],
  dir: string,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(dir, { recursive: true });
  const made = new Set<string>([dir]);
  const folder = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    await mkdir(path, { recursive: true });
    made.add(path);
  };
  const files: FileEntry[] = [];
  const links: Array<TreeEntry & { type: 'symlink' }> = [];
  for (const entry of entries) {
    const path = join(dir, entry.path);
    await folder(entry.type === 'folder' ? path : dirname(path));
    if (entry.type === 'file') files.push(entry);
    if (entry.type === 'symlink') links.push(entry);
  }
  let next = 0;
  const work = async (): Promise<void> => {
    for (let entry = files[next++]; entry !== undefined; entry = files[next++]) {
      signal?.throwIfAborted();
      await writeFileOf(content, entry, join(dir, entry.path));
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: SIDE_BY_SIDE }, work));
  const failed = workers.find((worker) => worker.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  // Symlinks last: until then every folder on the way is a real one.
  for (const { path, target } of links) await symlink(target, join(dir, path));
}

async function writeFileOf(content: ContentStore, entry: FileEntry, path: string): Promise<void> {
  const options = { flag: 'wx', mode: entry.mode };
  const [only] = entry.chunks;
  if (entry.size <= SMALL && entry.chunks.length <= 1)
    await writeFile(path, only === undefined ? '' : await content.readWhole(only), options);
  else {
    const pieces = async function* () {
      for (const chunk of entry.chunks) yield* content.read(chunk);
    };
    await pipeline(pieces, createWriteStream(path, { flags: 'wx', mode: entry.mode }));
  }
  // The umask may have taken bits away.
  await chmod(path, entry.mode);
}
