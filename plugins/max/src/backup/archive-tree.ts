import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { ArchiveWriter } from './archive-writer.ts';
import { stateUnreadable } from './errors.ts';
import { openFile } from './read-file.ts';

/** What a walk hears of. */
export interface TreeReport {
  /** A file that others wrote to while it was read. */
  changed(path: string): void;
  /** A socket, pipe or device: it is left out. */
  special(path: string): void;
  /** After each entry. */
  progress(): void;
}

/**
 * Adds a folder of an app with all that is in it: files, symlinks as they are, folders, empty ones too. What goes away
 * meanwhile is left out.
 *
 * @param dir on disk; @param path in the archive
 * @throws RigError `RIG_BACKUP_READ`
 */
export async function addTree(writer: ArchiveWriter, dir: string, path: string, report: TreeReport): Promise<void> {
  const found = look(dir);
  if (found === undefined) return;
  if (found.isDirectory()) {
    const names = namesIn(dir);
    if (names === undefined) return;
    await writer.add({ path, type: 'folder', mode: found.mode & 0o777, size: 0, mtime: found.mtime });
    report.progress();
    for (const name of names) await addTree(writer, join(dir, name), `${path}/${name}`, report);
  } else if (found.isSymbolicLink()) {
    const target = targetOf(dir);
    if (target !== undefined)
      await writer.add({ path, type: 'symlink', mode: 0o777, size: 0, mtime: found.mtime, target });
  } else if (found.isFile()) {
    await addFile(writer, dir, path, report);
  } else {
    report.special(path);
  }
}

/** Adds a file as it is now; gives `false` where it is gone. */
export async function addFile(
  writer: ArchiveWriter,
  file: string,
  path: string,
  report: Pick<TreeReport, 'changed' | 'progress'>,
): Promise<boolean> {
  const open = openFile(file);
  if (open === undefined) return false;
  try {
    const { size, mode, mtime } = open;
    await writer.file({ path, type: 'file', mode, size, mtime }, open.pieces());
    if (open.changed()) report.changed(path);
  } finally {
    open.close();
  }
  report.progress();
  return true;
}

/** The names in a folder, in an order that does not depend on the disk; `undefined` where it is gone. */
export function namesIn(dir: string): string[] | undefined {
  return ifThere(dir, () => readdirSync(dir).sort());
}

function look(path: string): Stats | undefined {
  const found = ifThere(path, () => lstatSync(path));
  // Names come as text; bytes that are none cannot be asked for again, nor be written into the archive.
  if (found === undefined && path.includes('\ufffd')) throw stateUnreadable(path, 'its name is not UTF-8');
  return found;
}

const targetOf = (path: string): string | undefined => ifThere(path, () => readlinkSync(path));

function ifThere<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EINVAL') return undefined;
    throw stateUnreadable(path, message);
  }
}
