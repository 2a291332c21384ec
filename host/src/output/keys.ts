import { StringDecoder } from 'node:string_decoder';
import { graphemes } from '@rig/plugin-api';

/** How a line typed without echo ended. */
export type TypedLine = { kind: 'line'; text: string; rest: string } | { kind: 'interrupt' } | { kind: 'end' };

/**
 * Reads one line from the bytes of a terminal in raw mode: backspace, Ctrl-U, Ctrl-W, Ctrl-C and Ctrl-D work, sequences
 * of cursor and function keys and the marks of a bracketed paste are left out. Bytes may come in any pieces.
 */
export class LineReader {
  #decoder = new StringDecoder('utf8');
  #text = '';
  #escape = '';

  /** Takes more bytes; answers once the line has ended. */
  feed(bytes: Buffer): TypedLine | undefined {
    const chars = [...this.#decoder.write(bytes)];
    for (const [i, char] of chars.entries()) {
      if (this.#inEscape(char)) continue;
      switch (char) {
        case '\r':
        case '\n': {
          // A pasted line end may be two characters.
          const rest = chars.slice(i + 1).join('');
          return { kind: 'line', text: this.#text, rest: char === '\r' ? rest.replace(/^\n/, '') : rest };
        }
        case '\x03':
          return { kind: 'interrupt' };
        case '\x04':
          if (this.#text === '') return { kind: 'end' };
          break;
        case '\x7f':
        case '\b':
          this.#text = graphemes(this.#text).slice(0, -1).join('');
          break;
        case '\x15':
          this.#text = '';
          break;
        case '\x17':
          this.#text = this.#text.replace(/\S*\s*$/, '');
          break;
        default:
          // A tab may be part of a pasted secret; no other control character is.
          if (char === '\t' || char >= ' ') this.#text += char;
      }
    }
    return undefined;
  }

  #inEscape(char: string): boolean {
    if (this.#escape === '') {
      if (char === '\x1b') this.#escape = char;
      return char === '\x1b';
    }
    if (char === '\x03' || char === '\r' || char === '\n') {
      // A lone Escape key must not swallow what ends the line.
      this.#escape = '';
      return false;
    }
    this.#escape += char;
    const done = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])$/s.test(this.#escape);
    if (done) this.#escape = '';
    return true;
  }
}
