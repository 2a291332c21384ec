import { formatBytes, type Services } from '@rig/plugin-api';
import { deployFiles } from './hooks.ts';
import { type HashedTree, hashTree } from './tree/hash.ts';
import { pathEmpty } from './tree/tree-errors.ts';
import type { FoundFile, FoundTree } from './tree/walk.ts';

/** Leaves out the files that a tap of `deploy:files` left out. */
async function filterByTaps(services: Services, tree: FoundTree): Promise<FoundTree> {
  const files = tree.entries.filter((entry): entry is FoundFile => entry.type === 'file');
  const offered = { root: tree.root, files: files.map(({ path, size }) => ({ path, size })) };
  const answered = await services.fire(deployFiles, offered);
  if (answered === offered) return tree;
  const kept = new Set(answered.files.map(({ path }) => path));
  const entries = tree.entries.filter((entry) => entry.type !== 'file' || kept.has(entry.path));
  if (kept.size === 0 && files.length > 0) throw pathEmpty(tree.root, true);
  return { ...tree, entries };
}

/** Says what was left out for being no file, and leaves out what the taps of `deploy:files` do not want. */
export async function chooseFiles(services: Services, tree: FoundTree): Promise<FoundTree> {
  if (tree.skipped.length > 0) {
    const shown = tree.skipped.slice(0, 5).join(', ');
    const more = tree.skipped.length > 5 ? ` and ${tree.skipped.length - 5} more` : '';
    services.output.warn(
      'RIG_SPECIAL_FILE',
      `left out, for being no files (sockets, pipes or devices): ${shown}${more}`,
    );
  }
  return filterByTaps(services, tree);
}

/** Names every file by its content. */
export async function nameContent(services: Services, tree: FoundTree): Promise<HashedTree> {
  const total = tree.entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0);
  const progress = services.output.progress('Reading files');
  const hashed = await hashTree(tree, {
    onProgress: (bytes) => progress.update(bytes, total, 'bytes'),
    signal: services.signal,
  });
  // The last bytes are not reported one by one: what was read is what the tree has.
  progress.done(`Reading files: done, ${formatBytes(hashed.bytes)}`);
  return hashed;
}
