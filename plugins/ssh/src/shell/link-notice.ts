import { type TerminalLease, truncate } from '@rig/plugin-api';

/** Milliseconds without a connection that a person does not notice by themselves. */
const unnoticedMs = 700;
const text = 'connection lost, trying again; ~. gives up';

/**
 * A line on the terminal of a shell, which says that there is no connection and leaves the screen as it was: below the
 * cursor, or in the last row of a program that has the whole screen.
 */
export class LinkNotice {
  readonly #lease: TerminalLease;
  #timer: NodeJS.Timeout | undefined;
  #shown: 'below' | 'last row' | undefined;

  constructor(lease: TerminalLease) {
    this.#lease = lease;
  }

  /** There is no connection: it is shown if that stays so. */
  lost(): void {
    this.dispose();
    this.#timer = setTimeout(() => void this.#show().catch(() => {}), unnoticedMs);
  }

  /** There is one again; says whether the program has to draw its screen anew. */
  async back(): Promise<boolean> {
    this.dispose();
    const shown = this.#shown;
    this.#shown = undefined;
    if (shown === 'below') await this.#lease.write('\x1b7\x1b[B\r\x1b[K\x1b8');
    return shown === 'last row';
  }

  /** Shows it no more. */
  dispose(): void {
    clearTimeout(this.#timer);
  }

  async #show(): Promise<void> {
    // The rest of a character or a sequence is still to come, and must find its beginning.
    if (this.#lease.isMidway) return;
    const { columns, rows } = this.#lease.size();
    const line = `\x1b[7m${truncate(text, columns - 1)}\x1b[0m`;
    if (this.#lease.isFullScreen) {
      this.#shown = 'last row';
      await this.#lease.write(`\x1b7\x1b[${rows};1H\x1b[K${line}\x1b8`);
      return;
    }
    // Makes room below where the cursor is in the last row, and comes back to its column.
    this.#shown = 'below';
    await this.#lease.write(`\x1bD\x1b[A\x1b7\x1b[B\r\x1b[K${line}\x1b8`);
  }
}
