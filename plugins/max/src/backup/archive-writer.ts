import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import {
  type BackupEnd,
  type BackupHeader,
  END_ENTRY,
  type Entry,
  HEADER_ENTRY,
  MANIFEST_ENTRIES,
  manifestEntry,
  manifestLine,
} from './format.ts';
import { END_BLOCKS, encodeHead, paddingAfter } from './tar-blocks.ts';

/** Most of a state is compressed already, or small: a higher level takes three times as long for a few percent. */
const LEVEL = 3;

/** Small writes go to the compressor together: each is a task of its own there. */
const TOGETHER = 64 * 1024;

/** Writes the archive, an entry after the other; what is in memory does not grow with it. */
export class ArchiveWriter {
  readonly #gzip = createGzip({ level: LEVEL });
  readonly #file: NodeJS.WritableStream;
  readonly #failed: Promise<never>;
  readonly #written: Promise<void>;
  readonly #signal: AbortSignal;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #lines: string[] = [];
  #manifests = 0;
  #entries = 0;
  #bytes = 0;

  /** @param file a new one, which only this user may read */
  constructor(file: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#file = this.#gzip.pipe(createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }));
    this.#written = finished(this.#file);
    this.#failed = new Promise((_, reject) => {
      this.#gzip.once('error', reject);
      this.#written.catch(reject);
    });
    this.#failed.catch(() => undefined);
  }

  /** Bytes of the files so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The first entry. */
  header(header: BackupHeader): Promise<void> {
    return this.#plain(HEADER_ENTRY, `${JSON.stringify(header, null, 2)}\n`);
  }

  /** Adds a folder or a symlink, which have no content. */
  async add(entry: Entry): Promise<void> {
    await this.#write(encodeHead(entry));
    await this.#list(manifestLine(entry));
  }

  /** Adds a file with exactly the bytes that the entry says. */
  async file(entry: Entry, pieces: Iterable<Buffer>): Promise<void> {
    await this.#write(encodeHead(entry));
    const hash = createHash('sha256');
    for (const piece of pieces) {
      hash.update(piece);
      this.#bytes += piece.length;
      await this.#write(piece);
    }
    await this.#write(paddingAfter(entry.size));
    await this.#list(manifestLine(entry, hash.digest('hex')));
  }

  /** Adds the last entry and brings everything to disk. */
  async finish(holds: Pick<BackupEnd, 'networks' | 'apps'>): Promise<void> {
    await this.#manifest();
    const end: BackupEnd = { entries: this.#entries, bytes: this.#bytes, ...holds };
    await this.#plain(END_ENTRY, `${JSON.stringify(end)}\n`);
    await this.#write(END_BLOCKS);
    await this.#flush();
    this.#gzip.end();
    await Promise.race([this.#written, this.#failed]);
  }

  /** Gives it up; the file is left to whoever made its folder. */
  async abort(): Promise<void> {
    this.#gzip.destroy();
    (this.#file as NodeJS.WritableStream & { destroy(): void }).destroy();
    await this.#written.catch(() => undefined);
  }

  async #list(line: string): Promise<void> {
    this.#entries += 1;
    if (this.#lines.push(line) >= MANIFEST_ENTRIES) await this.#manifest();
  }

  async #manifest(): Promise<void> {
    if (this.#lines.length === 0) return;
    this.#manifests += 1;
    await this.#plain(manifestEntry(this.#manifests), this.#lines.join(''));
    this.#lines = [];
  }

  async #plain(path: string, text: string): Promise<void> {
    const body = Buffer.from(text);
    const entry: Entry = { path, type: 'file', mode: 0o600, size: body.length, mtime: new Date() };
    await this.#write(Buffer.concat([encodeHead(entry), body, paddingAfter(body.length)]));
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#signal.throwIfAborted();
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= TOGETHER) await this.#flush();
  }

  async #flush(): Promise<void> {
    const together = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#gzip.write(together)) return;
    await Promise.race([once(this.#gzip, 'drain', { signal: this.#signal }), this.#failed]);
  }
}
