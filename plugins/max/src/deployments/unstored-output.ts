import { rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { InstanceRows } from './instance-rows.ts';
import { Output, type OutputSource } from './output.ts';

const TRY_EACH_MS = 1_000;

/** Removes an instance's folder unless output that could not be stored is in it; gives whether it is gone. */
export async function removeWhenEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Output of processes that have ended, which could not be stored: tried again until it is, as when the disk has room again. */
export class UnstoredOutput {
  readonly #rows: InstanceRows;
  readonly #waiting = new Map<string, OutputSource>();
  #timer: NodeJS.Timeout | undefined;
  #trying: Promise<void> | undefined;
  #stopped = false;

  constructor(rows: InstanceRows) {
    this.#rows = rows;
  }

  /** Stores it once that can be done. */
  keep(source: OutputSource): void {
    if (this.#stopped) return;
    this.#waiting.set(source.folder, source);
    this.#timer ??= setInterval(() => this.#try(), TRY_EACH_MS).unref();
  }

  /** Tries no more: what is left is on disk, and the next Max takes it up. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#trying;
  }

  #try(): void {
    this.#trying ??= this.#round().finally(() => {
      this.#trying = undefined;
    });
  }

  async #round(): Promise<void> {
    for (const source of [...this.#waiting.values()]) {
      if (this.#stopped) return;
      // It was said when it came here.
      if (!(await new Output({ ...source, report: () => {} }).finish())) continue;
      this.#waiting.delete(source.folder);
      await this.#forget(source).catch(source.report);
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** An instance that has ended for good stayed for its output alone. */
  async #forget({ folder, id }: OutputSource): Promise<void> {
    if ((await removeWhenEmpty(dirname(folder))) && this.#rows.byId(id)?.retired === 1) this.#rows.remove(id);
  }
}
