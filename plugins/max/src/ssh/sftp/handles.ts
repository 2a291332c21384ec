import type { Dir } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { STATUS } from './packet.ts';
import { SftpFailure } from './status.ts';

/** What a client has opened. */
export type Opened = { kind: 'file'; file: FileHandle; append: boolean } | { kind: 'folder'; dir: Dir; path: string };

/** Files and folders that one client may have open at once. */
const MOST = 256;

/** What a client has open, by the handles that it was given. */
export class Handles {
  readonly #opened = new Map<string, Opened>();
  #last = 0;

  /** Checks that there is room for one more, before it is opened. */
  demandRoom(): void {
    if (this.#opened.size >= MOST) throw new SftpFailure(STATUS.FAILURE, 'Too many open files');
  }

  /** Keeps it; gives its handle. */
  add(opened: Opened): string {
    this.#last += 1;
    const handle = String(this.#last);
    this.#opened.set(handle, opened);
    return handle;
  }

  /** The file of a handle. */
  file(handle: string): Extract<Opened, { kind: 'file' }> {
    const opened = this.#opened.get(handle);
    if (opened?.kind !== 'file') throw new SftpFailure(STATUS.FAILURE, 'Invalid handle');
    return opened;
  }

  /** The folder of a handle. */
  folder(handle: string): Extract<Opened, { kind: 'folder' }> {
    const opened = this.#opened.get(handle);
    if (opened?.kind !== 'folder') throw new SftpFailure(STATUS.FAILURE, 'Invalid handle');
    return opened;
  }

  /** Closes what is behind a handle, and forgets it. */
  async close(handle: string): Promise<void> {
    const opened = this.#opened.get(handle);
    if (opened === undefined) throw new SftpFailure(STATUS.FAILURE, 'Invalid handle');
    this.#opened.delete(handle);
    await (opened.kind === 'file' ? opened.file.close() : opened.dir.close());
  }

  /** Closes everything: the client is gone. */
  async closeAll(): Promise<void> {
    const handles = [...this.#opened.keys()];
    for (const handle of handles) await this.close(handle).catch(() => undefined);
  }
}
