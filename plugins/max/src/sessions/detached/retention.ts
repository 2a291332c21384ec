import { removeTree } from '../../remove-tree.ts';
import { outputsOf } from './detached-command.ts';
import type { DetachedRow, DetachedRows } from './detached-rows.ts';

/** Milliseconds that a command's output is kept after its end. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** Commands of an app that are kept after their end. */
const KEPT_OF_APP = 100;
/** Bytes of output that commands of an app may have together after their end; the newest is kept whatever it has. */
const KEPT_BYTES_OF_APP = 1024 * 1024 * 1024;

const LOOK_EVERY_MS = 10 * 60 * 1000;
/** Many may end at once, and have written much. */
const LOOK_AFTER_END_MS = 1_000;

/** What {@link Retention} works on. */
export interface RetentionOptions {
  rows: DetachedRows;
  folderOf(row: DetachedRow): string;
  /** Whether somebody gets its output now. */
  isFollowed(id: string): boolean;
  report(text: string): void;
}

/** Forgets detached commands that have ended, with their output, when they are old or too many, or theirs is too much. */
export class Retention {
  readonly #options: RetentionOptions;
  #regular: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Looks now, and from then on now and then. */
  async start(): Promise<void> {
    await this.#look();
    this.#regular = setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  /** One has ended. */
  oneEnded(): void {
    // Where it was never begun, or is over, its database may be gone by then.
    if (this.#regular === undefined || this.#stopped) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#look();
    }, LOOK_AFTER_END_MS).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#regular);
    clearTimeout(this.#soon);
  }

  async #look(): Promise<void> {
    const { rows, folderOf, isFollowed, report } = this.#options;
    try {
      for (const row of expired(rows.ended(), (one) => bytesOf(one, folderOf(one)))) {
        if (isFollowed(row.id)) continue;
        await removeTree(folderOf(row));
        if (this.#stopped) return;
        rows.remove(row.id);
      }
    } catch (error) {
      report(`old detached commands could not be removed: ${(error as Error).message}`);
    }
  }
}

/**
 * Which of the commands that have ended are not to be kept any longer.
 *
 * @param ended newest first; @param bytesOf how much of its output is kept
 */
export function expired(
  ended: readonly DetachedRow[],
  bytesOf: (row: DetachedRow) => number,
  now = Date.now(),
): DetachedRow[] {
  const kept = new Map<string, { count: number; bytes: number }>();
  return ended.filter((row) => {
    const { count, bytes } = kept.get(row.appId) ?? { count: 0, bytes: 0 };
    const sum = bytes + bytesOf(row);
    const isOld = row.endedAt === null || Date.parse(row.endedAt) < now - KEPT_MS;
    if (isOld || count >= KEPT_OF_APP || (count > 0 && sum > KEPT_BYTES_OF_APP)) return true;
    kept.set(row.appId, { count: count + 1, bytes: sum });
    return false;
  });
}

function bytesOf(row: DetachedRow, folder: string): number {
  return outputsOf(row, folder).reduce((sum, { start, size }) => sum + Math.max(0, size - start), 0);
}
