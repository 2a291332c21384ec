import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A name for a temporary file beside another. It need not be a secret: the file is opened exclusively.
 * (node:crypto would cost every start of rig a tenth of its time.)
 */
export function temporaryName(file: string): string {
  return `${file}.${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}.tmp`;
}

/** Writes a file whole or not at all: a temporary file beside it, synced, then renamed over it. */
export function writeFileAtomically(file: string, content: string | Uint8Array, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = temporaryName(file);
  const fd = openSync(temporary, 'wx', mode);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
