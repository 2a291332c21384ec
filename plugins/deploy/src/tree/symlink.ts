import { lstatSync, readlinkSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { symlinkEscapes } from './tree-errors.ts';

/** As many links as Linux follows before it gives up. */
const MAX_LINKS = 40;

/** A backslash is part of a name where it does not part names. */
const SEPARATORS = sep === '\\' ? /[\\/]/ : /\//;

/** The parts of a target seen from the root, or `undefined` for an absolute one that lies elsewhere. */
function partsOf(root: string, folder: readonly string[], target: string): string[] | undefined {
  if (!isAbsolute(target))
    return [...folder, ...target.split(SEPARATORS).filter((part) => part !== '' && part !== '.')];
  const inside = relative(root, target);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
  return inside.split(sep).filter((part) => part !== '');
}

function linkAt(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Tells whether a symlink stays in the tree, following every link on the way as the system would: `a/..` is not where
 * it looks to be if `a` is a link itself. What is not there counts as a plain name.
 */
function staysInside(root: string, folder: readonly string[], target: string): boolean {
  let rest = partsOf(root, folder, target);
  let links = 0;
  const real: string[] = [];
  while (rest !== undefined && rest.length > 0) {
    const [part, ...others] = rest as [string, ...string[]];
    rest = others;
    if (part === '..') {
      if (real.pop() === undefined) return false;
      continue;
    }
    const next = linkAt(join(root, ...real, part));
    if (next === undefined) {
      real.push(part);
      continue;
    }
    // A circle leads nowhere, and so not out.
    if (++links > MAX_LINKS) return true;
    const onward = partsOf(root, real, next);
    if (onward === undefined) return false;
    rest = [...onward, ...others];
    real.length = 0;
  }
  return rest !== undefined;
}

/**
 * Reads a symlink of the tree; an absolute target inside the tree is made relative, so that it holds in Max too.
 *
 * @param path relative to the root, with `/`
 * @throws RigError `RIG_SYMLINK_ESCAPES`
 */
export function readSymlink(root: string, path: string): string {
  const target = readlinkSync(join(root, path));
  const folder = path.split('/').slice(0, -1);
  if (!staysInside(root, folder, target)) throw symlinkEscapes(path, target);
  if (!isAbsolute(target)) return target.split(sep).join('/');
  return (
    relative(join(root, ...folder), target)
      .split(sep)
      .join('/') || '.'
  );
}
