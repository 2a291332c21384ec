import type { TerminalLease } from '@rig/plugin-api';
import { truncate } from '@rig/plugin-api';

/**
 * A line on the terminal of a shell, which says how the connection is and leaves the screen as it was: below the cursor, or
 * in the last row of a program that has the whole screen.
 */
export class LinkNotice {
  readonly #lease: TerminalLease;
  #shown: 'below' | 'last row' | undefined;

  constructor(lease: TerminalLease) {
    this.#lease = lease;
  }

  /** Shows a text in place of the one before. */
  show(text: string): Promise<void> {
    const { columns, rows } = this.#lease.size();
    const line = `\x1b[7m${truncate(text, columns - 1)}\x1b[0m`;
    if (this.#lease.isFullScreen) {
      this.#shown = 'last row';
      return this.#lease.write(`\x1b7\x1b[${rows};1H\x1b[K${line}\x1b8`);
    }
    // Makes room below where the cursor is in the last row, and comes back to its column.
    const room = this.#shown === undefined ? '\x1bD\x1b[A' : '';
    this.#shown = 'below';
    return this.#lease.write(`${room}\x1b7\x1b[B\r\x1b[K${line}\x1b8`);
  }

  /** Takes it away; says whether the program has to draw its screen anew. */
  async hide(): Promise<boolean> {
    const shown = this.#shown;
    this.#shown = undefined;
    if (shown === 'below') await this.#lease.write('\x1b7\x1b[B\r\x1b[K\x1b8');
    return shown === 'last row';
  }
}
