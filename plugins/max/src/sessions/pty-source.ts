import { readSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { type Source, sourceOf } from './source.ts';

const PIECE = 65_536;

/**
 * What comes out of a terminal. Node's stream takes it for ended as soon as its last program is gone, even where the system
 * still has bytes of it: they are read here, before the stream is closed.
 */
export function ptySource(reader: ReadStream, fd: number): Source {
  const source = sourceOf(reader);
  return {
    ...source,
    start: (onData, onEnd) => {
      reader.once('end', () => {
        for (let piece = next(fd); piece !== undefined; piece = next(fd)) onData(piece);
      });
      source.start(onData, onEnd);
    },
  };
}

/** The next bytes; `undefined` where there are none: the terminal says so by an error. */
function next(fd: number): Buffer | undefined {
  const piece = Buffer.allocUnsafe(PIECE);
  try {
    const length = readSync(fd, piece, 0, PIECE, null);
    return length > 0 ? piece.subarray(0, length) : undefined;
  } catch {
    return undefined;
  }
}
