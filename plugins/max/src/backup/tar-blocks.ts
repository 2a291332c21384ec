import { Header } from 'tar/header';
import { Pax } from 'tar/pax';
import type { Entry } from './format.ts';

/** What a tar file is made of. */
export const BLOCK = 512;

/** Two empty blocks end a tar file. */
export const END_BLOCKS = Buffer.alloc(2 * BLOCK);

const TYPES = { file: 'File', folder: 'Directory', symlink: 'SymbolicLink' } as const;
const TYPE_OF: Record<string, Entry['type'] | undefined> = {
  File: 'file',
  OldFile: 'file',
  Directory: 'folder',
  SymbolicLink: 'symlink',
};

/** The zeros after so many bytes of content, up to the next block. */
export function paddingAfter(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The head of an entry: one block, and those of an extended header where a name or a size needs one. */
export function encodeHead(entry: Entry): Buffer {
  const { type, mode, size, mtime, target } = entry;
  const path = type === 'folder' ? `${entry.path}/` : entry.path;
  const fields = {
    path,
    mode,
    size,
    // Whole seconds: a fraction would need an extended header for every file.
    mtime: new Date(Math.max(0, Math.floor(mtime.getTime() / 1000)) * 1000),
    uid: 0,
    gid: 0,
    type: TYPES[type],
    ...(target === undefined ? {} : { linkpath: target }),
  };
  const block = Buffer.alloc(BLOCK);
  const needsMore = new Header(fields).encode(block);
  if (!needsMore) return block;
  const { uid: _, gid: __, mode: ___, type: ____, ...extended } = fields;
  return Buffer.concat([new Pax(extended).encode(), block]);
}

/** What a block says: an entry, more about the next entry, the end of the file, or nothing that is known here. */
export type Head =
  | { kind: 'entry'; entry: Entry }
  | { kind: 'extended'; size: number }
  | { kind: 'end' }
  | { kind: 'damaged' }
  | { kind: 'other'; path: string; type: string };

/** Reads a head; `extended` is the body of the extended header before it. */
export function decodeHead(block: Buffer, extended: Buffer | undefined): Head {
  const more = extended === undefined ? undefined : Pax.parse(extended.toString('utf8'));
  const header = new Header(block, 0, more);
  if (header.nullBlock) return { kind: 'end' };
  if (!header.cksumValid) return { kind: 'damaged' };
  const size = header.size ?? 0;
  if (header.type === 'ExtendedHeader') return { kind: 'extended', size };
  const path = (more?.path ?? header.path ?? '').replace(/\/$/, '');
  const type = TYPE_OF[header.type];
  if (type === undefined) return { kind: 'other', path, type: header.type };
  const entry: Entry = { path, type, mode: (header.mode ?? 0) & 0o777, size, mtime: header.mtime ?? new Date(0) };
  if (type === 'symlink') entry.target = more?.linkpath ?? header.linkpath ?? '';
  if (type !== 'file') entry.size = 0;
  return { kind: 'entry', entry };
}
