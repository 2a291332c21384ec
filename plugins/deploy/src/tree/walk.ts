import { type Dirent, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FolderRules, isNeverSent, rootRules } from './ignore-rules.ts';
import { readSymlink } from './symlink.ts';
import { badPath, pathEmpty, pathNotFolder, pathNotFound, unreadable } from './tree-errors.ts';

/** A file as the walk found it. */
export interface FoundFile {
  type: 'file';
  /** Relative to the root, with `/`. */
  path: string;
  /** 0o644, or 0o755 for an executable one. */
  mode: number;
  size: number;
}

/** An entry of the tree before its content is hashed. */
export type FoundEntry =
  | FoundFile
  | { type: 'symlink'; path: string; target: string }
  | { type: 'folder'; path: string };

/** What a walk found. */
export interface FoundTree {
  /** Absolute, without symlinks. */
  root: string;
  /** Sorted by path. */
  entries: FoundEntry[];
  /** Sockets, pipes and devices that were left out. */
  skipped: string[];
}

/** Folders between two turns of the event loop, so that Ctrl-C is heard in a large tree. */
const FOLDERS_PER_TURN = 100;

interface Walk extends FoundTree {
  ignored: boolean;
  signal: AbortSignal | undefined;
  folders: number;
}

/** Reads folder names before their content: the order of one walk is the order of every walk. */
const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

function readFolder(root: string, folder: string): Dirent[] {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true }).sort(byName);
  } catch (error) {
    throw unreadable(folder === '' ? root : folder, error);
  }
}

function statFile(root: string, path: string): Stats {
  try {
    return lstatSync(join(root, path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function walkFolder(walk: Walk, folder: string, outer: FolderRules): Promise<void> {
  if (++walk.folders % FOLDERS_PER_TURN === 0) await nextTurn();
  walk.signal?.throwIfAborted();
  const before = walk.entries.length;
  const found = readFolder(walk.root, folder);
  const hasRules = folder !== '' && found.some(({ name }) => name === outer.fileName);
  const rules = hasRules ? outer.enter(folder) : outer;
  for (const entry of found) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (isNeverSent(entry.name) || rules.ignores(path, entry.isDirectory())) {
      walk.ignored = true;
    } else if (entry.name.includes('\\')) {
      throw badPath(path);
    } else if (entry.isDirectory()) {
      await walkFolder(walk, path, rules);
    } else if (entry.isSymbolicLink()) {
      walk.entries.push({ type: 'symlink', path, target: readSymlink(walk.root, path) });
    } else if (entry.isFile()) {
      const { mode, size } = statFile(walk.root, path);
      walk.entries.push({ type: 'file', path, mode: mode & 0o111 ? 0o755 : 0o644, size });
    } else {
      walk.skipped.push(path);
    }
  }
  if (folder !== '' && walk.entries.length === before) walk.entries.push({ type: 'folder', path: folder });
}

/** Finds the folder to deploy. @throws RigError `RIG_PATH_NOT_FOUND` (3), `RIG_PATH_NOT_FOLDER` (2), `RIG_UNREADABLE` */
export function findRoot(cwd: string, path: string): string {
  const full = resolve(cwd, path);
  let stats: Stats;
  try {
    stats = statSync(full);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' || code === 'ENOTDIR' ? pathNotFound(path) : unreadable(path, error);
  }
  if (!stats.isDirectory()) throw pathNotFolder(path);
  return realpathSync(full);
}

/**
 * Walks the folder that is deployed: what is not ignored, with modes, symlinks and empty folders.
 *
 * @param root of {@link findRoot}
 * @throws RigError `RIG_PATH_EMPTY` (2), `RIG_UNREADABLE`, `RIG_SYMLINK_ESCAPES`
 */
export async function walkTree(root: string, signal?: AbortSignal): Promise<FoundTree> {
  const walk: Walk = { root, entries: [], skipped: [], ignored: false, signal, folders: 0 };
  // Before its ignore file is looked for, so that a closed folder is named as such.
  readFolder(root, '');
  await walkFolder(walk, '', rootRules(root));
  if (!walk.entries.some((entry) => entry.type !== 'folder')) throw pathEmpty(root, walk.ignored);
  return { root, entries: walk.entries, skipped: walk.skipped };
}
