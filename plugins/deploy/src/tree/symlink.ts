import { lstatSync, readlinkSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { symlinkEscapes, unreadable } from './tree-errors.ts';

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

/** Where a symlink leads: the parts of a path in the tree, `outside`, or `circle`. */
type Destination = readonly string[] | 'outside' | 'circle';

/**
 * Follows a symlink and every link on its way as the system would: `a/..` is not where it looks to be if `a` is a link
 * itself. What is not there counts as a plain name.
 */
function follow(root: string, folder: readonly string[], target: string): Destination {
  let rest = partsOf(root, folder, target);
  let links = 0;
  const real: string[] = [];
  while (rest !== undefined && rest.length > 0) {
    const [part, ...others] = rest as [string, ...string[]];
    rest = others;
    if (part === '..') {
      if (real.pop() === undefined) return 'outside';
      continue;
    }
    const next = linkAt(join(root, ...real, part));
    if (next === undefined) {
      real.push(part);
      continue;
    }
    if (++links > MAX_LINKS) return 'circle';
    const onward = partsOf(root, real, next);
    if (onward === undefined) return 'outside';
    rest = [...onward, ...others];
    real.length = 0;
  }
  return rest === undefined ? 'outside' : real;
}

/** Tells whether a target is relative and climbs at its beginning alone: only that can be judged without the tree. */
function isPlain(target: string): boolean {
  if (isAbsolute(target)) return false;
  const parts = target.split(SEPARATORS).filter((part) => part !== '' && part !== '.');
  const first = parts.findIndex((part) => part !== '..');
  return first === -1 || !parts.slice(first).includes('..');
}

function readTarget(root: string, path: string): string {
  try {
    return readlinkSync(join(root, path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Reads a symlink of the tree. One that is absolute, or goes down and up again, is written as the plain relative one
 * that leads to the same place.
 *
 * @param path relative to the root, with `/`
 * @throws RigError `RIG_SYMLINK_ESCAPES`, `RIG_UNREADABLE`
 */
export function readSymlink(root: string, path: string): string {
  const target = readTarget(root, path);
  const folder = path.split('/').slice(0, -1);
  const destination = follow(root, folder, target);
  if (destination === 'outside') throw symlinkEscapes(path, target);
  if (isPlain(target)) return target.split(sep).join('/');
  // A circle leads nowhere: its own name says so as well as any.
  if (destination === 'circle') return path.split('/').at(-1) as string;
  return posix.relative(`/${folder.join('/')}`, `/${destination.join('/')}`) || '.';
}
