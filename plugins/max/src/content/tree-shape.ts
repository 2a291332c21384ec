import { posix } from 'node:path';
import type { TreeEntry } from '@rig/plugin-api/max';
import { badManifest } from './bad-manifest.ts';

/**
 * Checks that the entries are one tree: no path twice, nothing below a file or a symlink, an empty folder empty, and
 * every symlink pointing into the tree.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400)
 */
export function checkShape(entries: readonly TreeEntry[]): void {
  const types = new Map<string, TreeEntry['type']>();
  for (const { path, type } of entries) {
    if (types.has(path)) throw badManifest(`the path ${JSON.stringify(path)} is there twice`);
    types.set(path, type);
  }
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let parent = posix.dirname(path); parent !== '.' && !folders.has(parent); parent = posix.dirname(parent)) {
      const type = types.get(parent);
      if (type !== undefined)
        throw badManifest(
          `${JSON.stringify(path)} lies below ${JSON.stringify(parent)}, which is ${type === 'folder' ? 'an empty folder' : `a ${type}`}`,
        );
      folders.add(parent);
    }
  }
  for (const entry of entries) if (entry.type === 'symlink') checkTarget(entry.path, entry.target);
}

/**
 * A symlink must stay in the tree. Resolved by its text alone that could still leave through another link, so a target
 * may not climb but at its beginning: `../../a` is judged by where the link lies, and `a/../../b` is refused.
 */
function checkTarget(path: string, target: string): void {
  const refuse = () =>
    badManifest(`the symlink ${JSON.stringify(path)} points to ${JSON.stringify(target)}, outside of the tree`);
  if (target.startsWith('/')) throw refuse();
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const climbs = parts.findIndex((part) => part !== '..');
  const up = climbs === -1 ? parts.length : climbs;
  if (up > path.split('/').length - 1) throw refuse();
  if (parts.slice(up).includes('..')) throw refuse();
}
