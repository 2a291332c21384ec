import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { migrations } from '../store/migrations/index.ts';
import { ByteReader } from './byte-reader.ts';
import { backupInvalid, backupMissing, backupNewer, backupUnsafe } from './errors.ts';
import {
  type BackupEnd,
  type BackupHeader,
  END_ENTRY,
  type Entry,
  FORMAT,
  HEADER_ENTRY,
  KIND,
  MANIFEST_ENTRIES,
  manifestEntry,
  manifestLine,
} from './format.ts';
import { BLOCK, decodeHead, paddingAfter } from './tar-blocks.ts';
import { refuseUnsafe } from './unsafe-entry.ts';

const SMALL_ENTRY_BYTES = 64 * 1024;
/** A line names one path and one target, of at most 4 KiB each where a system limits them, escaped. */
const MANIFEST_BYTES = MANIFEST_ENTRIES * 16 * 1024;

/** Where the entries of a backup go to, as they are read: nothing of them is verified before the end. */
export interface Sink {
  add(entry: Entry): void;
  /** Gives what takes the bytes of a file, and is told when they are there. */
  file(entry: Entry): { write(piece: Buffer): void; end(): void; abort(): void };
}

/** What is told while a backup is read. */
export interface ReadOptions {
  signal: AbortSignal;
  onProgress?: (bytes: number) => void;
}

/** Reads the first entry: whether this is a backup, and one that this rig can restore. */
export async function readHeader(file: string, signal: AbortSignal): Promise<BackupHeader> {
  const archive = open(file, signal);
  try {
    return await headerOf(archive, file);
  } catch (error) {
    throw translate(file, error, signal);
  } finally {
    archive.close();
  }
}

/**
 * Reads a whole backup into a sink and verifies it: the digest of each file, that each entry is listed, that none is
 * missing, and that each lies where a backup may put something.
 *
 * @throws RigError `RIG_BACKUP_NOT_FOUND` (3), `RIG_BACKUP_INVALID`, `RIG_BACKUP_NEWER`, `RIG_BACKUP_UNSAFE`
 */
export async function readBackup(file: string, sink: Sink, options: ReadOptions): Promise<BackupEnd> {
  const { signal, onProgress } = options;
  const archive = open(file, signal);
  try {
    await headerOf(archive, file);
    let lines: string[] = [];
    let manifests = 0;
    let entries = 0;
    let bytes = 0;
    for (let entry = await nextEntry(archive, file); entry !== undefined; entry = await nextEntry(archive, file)) {
      if (entry.path === END_ENTRY) {
        const end = JSON.parse(await textOf(archive, entry, SMALL_ENTRY_BYTES, file)) as BackupEnd;
        if (end.entries !== entries || end.bytes !== bytes || lines.length > 0)
          throw backupInvalid(file, 'some of its entries are missing');
        return end;
      }
      if (entry.path.startsWith('manifest/')) {
        manifests += 1;
        if (entry.path !== manifestEntry(manifests)) throw backupInvalid(file, 'one of its manifests is missing');
        compare(lines, await textOf(archive, entry, MANIFEST_BYTES, file), file);
        lines = [];
        continue;
      }
      if (lines.length >= MANIFEST_ENTRIES) throw backupInvalid(file, 'one of its manifests is missing');
      refuseUnsafe(file, entry);
      lines.push(await take(archive, entry, sink));
      entries += 1;
      bytes += entry.size;
      onProgress?.(bytes);
    }
    throw backupInvalid(file, 'it ends too early');
  } catch (error) {
    throw translate(file, error, signal);
  } finally {
    archive.close();
  }
}

function open(file: string, signal: AbortSignal): ByteReader {
  const gunzip = createGunzip();
  // What fails is told by the reader.
  pipeline(createReadStream(file), gunzip, () => undefined);
  return new ByteReader(gunzip, signal);
}

async function headerOf(archive: ByteReader, file: string): Promise<BackupHeader> {
  const entry = await nextEntry(archive, file, true);
  if (entry?.path !== HEADER_ENTRY) throw foreign(file);
  const header = parseHeader(await textOf(archive, entry, SMALL_ENTRY_BYTES, file));
  if (header?.kind !== KIND) throw foreign(file);
  if (header.format > FORMAT)
    throw backupNewer(file, `it has format ${header.format}, and this rig reads formats up to ${FORMAT}`);
  const known = migrations.at(-1)?.version ?? 0;
  if (header.schema > known)
    throw backupNewer(file, `its database has format ${header.schema}, and this rig knows formats up to ${known}`);
  return header;
}

const foreign = (file: string) => backupInvalid(file, 'it is no backup of a Max');

function parseHeader(text: string): BackupHeader | undefined {
  try {
    const header = JSON.parse(text) as BackupHeader;
    return Number.isInteger(header.format) && Number.isInteger(header.schema) ? header : undefined;
  } catch {
    return undefined;
  }
}

async function nextEntry(archive: ByteReader, file: string, first = false): Promise<Entry | undefined> {
  let extended: Buffer | undefined;
  while (true) {
    const head = decodeHead(await archive.exactly(BLOCK), extended);
    if (head.kind === 'end') return undefined;
    if (head.kind === 'damaged') throw first ? foreign(file) : backupInvalid(file, 'it is damaged');
    if (head.kind === 'entry') return head.entry;
    if (first) throw foreign(file);
    if (head.kind === 'other')
      throw backupUnsafe(file, `it holds ${JSON.stringify(head.path)} of the kind ${head.type}`);
    if (head.size > SMALL_ENTRY_BYTES) throw backupInvalid(file, 'a name in it is too long');
    extended = await archive.exactly(head.size);
    await archive.exactly(paddingAfter(head.size).length);
  }
}

async function textOf(archive: ByteReader, entry: Entry, limit: number, file: string): Promise<string> {
  if (entry.type !== 'file' || entry.size > limit) throw backupInvalid(file, `its ${entry.path} is damaged`);
  const bytes = await archive.exactly(entry.size);
  await archive.exactly(paddingAfter(entry.size).length);
  return bytes.toString('utf8');
}

async function take(archive: ByteReader, entry: Entry, sink: Sink): Promise<string> {
  if (entry.type !== 'file') {
    sink.add(entry);
    return manifestLine(entry);
  }
  const hash = createHash('sha256');
  const target = sink.file(entry);
  try {
    for await (const piece of archive.pieces(entry.size)) {
      hash.update(piece);
      target.write(piece);
    }
    target.end();
  } catch (error) {
    target.abort();
    throw error;
  }
  await archive.exactly(paddingAfter(entry.size).length);
  return manifestLine(entry, hash.digest('hex'));
}

function compare(lines: readonly string[], manifest: string, file: string): void {
  if (lines.join('') === manifest) return;
  const listed = manifest.split('\n');
  const wrong = lines.findIndex((line, index) => line !== `${listed[index]}\n`);
  const path = wrong === -1 ? undefined : (JSON.parse(lines[wrong]!) as { path: string }).path;
  throw backupInvalid(
    file,
    path === undefined ? 'some of its entries are missing' : `${JSON.stringify(path)} in it is damaged`,
  );
}

function translate(file: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'END_OF_BYTES' || code === 'Z_BUF_ERROR') return backupInvalid(file, 'it ends too early');
  if (code === 'Z_DATA_ERROR')
    return (error as Error).message === 'incorrect header check' ? foreign(file) : backupInvalid(file, 'it is damaged');
  if (error instanceof SyntaxError) return backupInvalid(file, 'it is damaged');
  const read = syscall === 'read' || (syscall === 'open' && (error as NodeJS.ErrnoException).path === file);
  return read ? backupMissing(file, error) : error;
}
