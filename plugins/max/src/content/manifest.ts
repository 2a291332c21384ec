import { createHash } from 'node:crypto';
import type { Chunk, TreeEntry } from '@rig/plugin-api/max';
import { ProblemError } from '../http/problem-error.ts';
import type { UploadRecord } from '../store/uploads.ts';
import { badManifest } from './bad-manifest.ts';
import { checkShape } from './tree-shape.ts';

/** The most entries that a tree may have. */
export const MAX_ENTRIES = 500_000;

/** The most bytes that a tree may have. */
export const MAX_TREE_BYTES = 64 * 1024 ** 3;

const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;

const show = (path: unknown): string =>
  JSON.stringify(typeof path === 'string' ? path.slice(0, 200) : path) ?? 'nothing';

function checkPath(path: unknown, index: number): string {
  if (typeof path !== 'string' || path === '') throw badManifest(`entry ${index} has no path`);
  const refuse = (why: string) => badManifest(`the path ${show(path)} ${why}`);
  if (path.includes('\0')) throw refuse('has a character that no path may have');
  if (/[\ud800-\udfff]/u.test(path)) throw refuse('is not valid Unicode');
  if (path.startsWith('/')) throw refuse('is absolute, and only relative ones may be sent');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw refuse(`is longer than ${MAX_PATH_BYTES} bytes`);
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') throw refuse('has an empty part, "." or ".."');
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw refuse(`has a name longer than ${MAX_NAME_BYTES} bytes`);
  }
  return path;
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkChunk(value: unknown, path: string): Chunk {
  const chunk = value as Partial<Chunk> | null;
  if (typeof chunk !== 'object' || chunk === null) throw badManifest(`a chunk of ${show(path)} is not an object`);
  if (typeof chunk.digest !== 'string' || !/^[0-9a-f]{64}$/.test(chunk.digest))
    throw badManifest(`a digest of ${show(path)} is not a SHA-256 in lower case hex`);
  if (!isSize(chunk.size) || chunk.size === 0) throw badManifest(`a chunk of ${show(path)} has no valid size`);
  return { digest: chunk.digest, size: chunk.size };
}

function checkFile(value: Record<string, unknown>, path: string): TreeEntry {
  const { mode, size, chunks } = value;
  if (!Number.isInteger(mode) || (mode as number) < 0 || (mode as number) > 0o777)
    throw badManifest(`the file ${show(path)} has no valid mode`);
  if (!isSize(size)) throw badManifest(`the file ${show(path)} has no valid size`);
  if (!Array.isArray(chunks)) throw badManifest(`the file ${show(path)} has no list of chunks`);
  const checked = chunks.map((chunk) => checkChunk(chunk, path));
  const sum = checked.reduce((total, chunk) => total + chunk.size, 0);
  if (sum !== size) throw badManifest(`the chunks of ${show(path)} have ${sum} bytes, and its size says ${size}`);
  return { type: 'file', path, mode: ((mode as number) & 0o111) === 0 ? 0o644 : 0o755, size, chunks: checked };
}

function checkEntry(value: unknown, index: number): TreeEntry {
  if (typeof value !== 'object' || value === null) throw badManifest(`entry ${index} is not an object`);
  const entry = value as Record<string, unknown>;
  const path = checkPath(entry.path, index);
  if (entry.type === 'folder') return { type: 'folder', path };
  if (entry.type === 'file') return checkFile(entry, path);
  if (entry.type !== 'symlink') throw badManifest(`${show(path)} is neither a file nor a symlink nor a folder`);
  const { target } = entry;
  if (
    typeof target !== 'string' ||
    target === '' ||
    target.includes('\0') ||
    Buffer.byteLength(target) > MAX_PATH_BYTES
  )
    throw badManifest(`the symlink ${show(path)} has no valid target`);
  return { type: 'symlink', path, target };
}

/** One digest has one size, else a pack could not be read. */
function checkDigests(entries: readonly TreeEntry[]): void {
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    if (entry.type !== 'file') continue;
    for (const { digest, size } of entry.chunks) {
      const known = sizes.get(digest);
      if (known !== undefined && known !== size)
        throw badManifest(`the digest ${digest} is given with ${known} and with ${size} bytes`);
      sizes.set(digest, size);
    }
  }
}

/**
 * Checks a tree that somebody wants to upload, so that writing it out can reach nothing outside its folder.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400) that names the first bad entry
 */
export function readManifest(body: unknown): Pick<UploadRecord, 'entries' | 'digest' | 'files' | 'bytes'> {
  const list = (body as { entries?: unknown } | null)?.entries;
  if (!Array.isArray(list)) throw badManifest('the manifest has no list "entries"');
  if (list.length === 0) throw badManifest('the tree is empty: there is nothing to deploy');
  if (list.length > MAX_ENTRIES)
    throw badManifest(`the tree has ${list.length} entries, and ${MAX_ENTRIES} are the most`);
  const entries = list.map(checkEntry);
  checkShape(entries);
  checkDigests(entries);
  const files = entries.filter((entry) => entry.type === 'file');
  const bytes = files.reduce((total, file) => total + file.size, 0);
  if (bytes > MAX_TREE_BYTES)
    throw new ProblemError(413, 'RIG_TOO_LARGE', `the tree has ${bytes} bytes, and ${MAX_TREE_BYTES} are the most`, {
      fix: 'leave out what the app does not need, with a .rigignore file',
    });
  const hash = createHash('sha256');
  for (const entry of [...entries].sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${JSON.stringify(entry)}\n`);
  return { entries, digest: hash.digest('hex'), files: files.length, bytes };
}
