/** A key as a terminal sends it: a sequence that ESC begins (`ESC [ … letter`, `ESC O letter`), else one character. */
const KEY = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[\x20-\x7e]|[\s\S]/gu;
/** A sequence of which there may be more to come. */
const BEGUN = /\x1b(?:\[[0-?]*[ -/]*|O)?$/;
/** Milliseconds for the rest of a sequence: an ESC that nothing follows is the key. */
const REST_MS = 40;

/**
 * Makes single keys of what is typed, however it comes: several at once, as over a slow line, or one in pieces. Each is told
 * alone: of two in one piece ink takes the second for a part of the first.
 */
export class KeySplitter {
  readonly #tell: (key: string) => void;
  #begun = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (key: string) => void) {
    this.#tell = tell;
  }

  /** Takes a piece. */
  take(piece: string): void {
    clearTimeout(this.#timer);
    const text = this.#begun + piece;
    this.#begun = BEGUN.exec(text)?.[0] ?? '';
    this.#split(text.slice(0, text.length - this.#begun.length));
    if (this.#begun !== '') this.#timer = setTimeout(() => this.#flush(), REST_MS);
  }

  /** Forgets what has only begun: what follows is for somebody else. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#begun = '';
  }

  #flush(): void {
    const text = this.#begun;
    this.#begun = '';
    this.#split(text);
  }

  #split(text: string): void {
    for (const [key] of text.matchAll(KEY)) this.#tell(key);
  }
}
