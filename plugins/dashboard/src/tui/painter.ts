import { drawnWidth } from './cut.ts';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J\x1b[H';
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Between them a terminal that can waits with showing: no half-drawn picture is seen. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

/** Where is drawn. */
export interface PainterTarget {
  write(data: string): Promise<void>;
  size(): { columns: number; rows: number };
}

/**
 * Draws pictures on the alternate screen: only lines that have changed are written, and while the terminal has not taken
 * the one before, a newer picture takes the place of one that waits.
 */
export class Painter {
  readonly #target: PainterTarget;
  #shown: readonly string[] = [];
  #next: readonly string[] | undefined;
  #writing = false;
  #entered = false;

  constructor(target: PainterTarget) {
    this.#target = target;
  }

  /** Takes the alternate screen; the next picture is drawn whole. */
  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    this.forget();
    void this.#write(ENTER);
  }

  /** Gives the terminal its own screen, cursor and line wrapping back; safe to call often. */
  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#next = undefined;
    void this.#write(LEAVE);
  }

  /** What is on the screen is not known any more: the next picture is drawn whole. */
  forget(): void {
    this.#shown = [];
  }

  /** Draws a picture, a line of the terminal each, from the top left corner. */
  draw(picture: readonly string[]): void {
    this.#next = picture;
    void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    try {
      while (this.#next !== undefined && this.#entered) {
        const text = this.#changes(this.#next);
        this.#next = undefined;
        if (text !== '') await this.#write(text);
      }
    } finally {
      this.#writing = false;
    }
  }

  #changes(lines: readonly string[]): string {
    const { columns, rows } = this.#target.size();
    const isNew = this.#shown.length === 0;
    let text = '';
    for (let row = 0; row < rows; row++) {
      const line = lines[row] ?? '';
      if (!isNew && line === this.#shown[row]) continue;
      // At the last column the cursor has not moved on yet: erasing there would take the last character away.
      const rest = drawnWidth(line) < columns ? '\x1b[K' : '';
      text += `\x1b[${row + 1};1H${line}\x1b[0m${rest}`;
    }
    this.#shown = Array.from({ length: rows }, (_, row) => lines[row] ?? '');
    if (text === '') return '';
    return `${BEGIN}${isNew ? '\x1b[2J' : ''}${text}${END}`;
  }

  #write(data: string): Promise<void> {
    // A terminal that is gone is told by the host.
    return this.#target.write(data).catch(() => {});
  }
}
