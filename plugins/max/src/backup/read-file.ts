import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { stateUnreadable } from './errors.ts';

const PIECE = 256 * 1024;
/** Files up to this size are read again where they change meanwhile. */
const SMALL = 1024 * 1024;
const ATTEMPTS = 3;

/** A file as it was when it was opened. */
export interface OpenFile {
  size: number;
  mode: number;
  mtime: Date;
  /** Exactly `size` bytes, once; where the file has become shorter the rest is zeros. */
  pieces(): Iterable<Buffer>;
  /** Whether it has changed since it was opened. */
  changed(): boolean;
  close(): void;
}

/**
 * Opens a file that others may write to; gives `undefined` where it is gone, or is no plain file any more.
 *
 * @throws RigError `RIG_BACKUP_READ`
 */
export function openFile(path: string): OpenFile | undefined {
  const fd = open(path);
  if (fd === undefined) return undefined;
  let before = fstatSync(fd);
  if (!before.isFile()) {
    closeSync(fd);
    return undefined;
  }
  let whole: Buffer | undefined;
  for (let attempt = 0; before.size <= SMALL && attempt < ATTEMPTS; attempt += 1) {
    whole = Buffer.concat([...piecesOf(fd, before.size)]);
    const after = fstatSync(fd);
    if (isSame(before, after)) break;
    // The last attempt stays as it is, and is told as changed.
    if (attempt + 1 < ATTEMPTS) {
      before = after;
      whole = undefined;
    }
  }
  return {
    size: before.size,
    mode: before.mode & 0o777,
    mtime: before.mtime,
    pieces: () => (whole === undefined ? piecesOf(fd, before.size) : [whole]),
    changed: () => !isSame(before, fstatSync(fd)),
    close: () => closeSync(fd),
  };
}

function open(path: string): number | undefined {
  try {
    // Neither a symlink nor a pipe that took the file's place meanwhile is followed or waited for.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENXIO') return undefined;
    throw stateUnreadable(path, message);
  }
}

const isSame = (a: Stats, b: Stats): boolean => a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;

function* piecesOf(fd: number, size: number): Generator<Buffer> {
  for (let position = 0; position < size; ) {
    // A new buffer each time: the compressor may still hold the one before.
    const piece = Buffer.alloc(Math.min(PIECE, size - position));
    const read = readSync(fd, piece, 0, piece.length, position);
    yield read === 0 ? piece : piece.subarray(0, read);
    position += read === 0 ? piece.length : read;
  }
}
