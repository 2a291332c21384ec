import { createCipheriv } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1024 * 1024;

/** Bytes that nothing compresses, the same ones at every run. */
export function createBytes(): (size: number) => Buffer {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  return (size) => stream.update(Buffer.alloc(size));
}

/** A static site: Max serves the folder as it is, so that no build tool is measured. */
function makeSite(dir: string): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'index.html'), '<!doctype html><title>size</title>\n');
}

/** Writes 17,000 files of 2 to 10 KB, 100 MB together, in 170 folders; gives the path of one of them. */
export function writeManyFiles(dir: string): string {
  makeSite(dir);
  const bytes = createBytes();
  for (let index = 0; index < 17_000; index += 1) {
    const folder = join(dir, `folder-${index % 170}`);
    if (index < 170) mkdirSync(folder);
    writeFileSync(join(folder, `file-${index}.bin`), bytes(2_000 + ((index * 7_919) % 7_800)));
  }
  return join(dir, 'folder-7', 'file-7.bin');
}

/** Writes one file of the given MiB, with some bytes put in at its middle where `inserted` is given. */
export function writeLargeFile(dir: string, mib: number, inserted = ''): string {
  makeSite(dir);
  const path = join(dir, 'large.bin');
  const bytes = createBytes();
  const file = openSync(path, 'w');
  for (let written = 0; written < mib; written += 1) {
    if (written === Math.floor(mib / 2)) writeSync(file, inserted);
    writeSync(file, bytes(MIB));
  }
  closeSync(file);
  return path;
}
