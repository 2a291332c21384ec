/** Private modes that are off in a terminal that nobody has changed, and matter to who uses it next. */
const OFF_BY_DEFAULT = new Set([
  1, 5, 6, 9, 47, 66, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1047, 1048, 1049, 2004, 2026, 2031,
]);
/** Those that are on: lines wrap, the cursor is seen. */
const ON_BY_DEFAULT = new Set([7, 25]);
/** The alternate screen, in its three forms. */
const FULL_SCREEN = [1049, 1047, 47];
/** A sequence that is longer than any that matters is none. */
const MOST_SEQUENCE = 128;

const ESC = 0x1b;

/**
 * Follows what a remote program does to the modes of the terminal, so that exactly those can be taken back that it leaves
 * on: a program that was killed, or is on the other side of a cut connection, cannot do so itself.
 */
export class TerminalModes {
  readonly #changed = new Set<number>();
  #keypad = false;
  #coloured = false;
  #region = false;
  #graphics = false;
  #insert = false;
  #cursorShape = false;
  #otherKeys = false;
  #kittyKeys = 0;
  /** A sequence that has begun, and whose end is still to come. */
  #begun: Buffer = Buffer.alloc(0);
  /** The last bytes, which may be the beginning of a character. */
  #tail: Buffer = Buffer.alloc(0);
  /** Inside a string, such as a title, what looks like a sequence is text. */
  #inString = false;

  /** Whether the alternate screen is shown. */
  get isFullScreen(): boolean {
    return FULL_SCREEN.some((mode) => this.#changed.has(mode));
  }

  /** Whether the last byte was in the midst of a character or a sequence: what comes between would spoil it. */
  get isMidway(): boolean {
    return this.#inString || this.#begun.length > 0 || endsInCharacter(this.#tail);
  }

  /** Looks at bytes that go to the terminal, however they are cut. */
  see(bytes: Uint8Array): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#tail = Buffer.from(
      buffer.length < 3 ? Buffer.concat([this.#tail, buffer]).subarray(-3) : buffer.subarray(-3),
    );
    const text = this.#begun.length === 0 ? buffer : Buffer.concat([this.#begun, buffer]);
    this.#begun = Buffer.alloc(0);
    let at = 0;
    while (at < text.length) {
      if (this.#inString) {
        const end = endOfString(text, at);
        if (end === undefined) {
          // The first half of its end may be there.
          if (text[text.length - 1] === ESC) this.#begun = Buffer.from([ESC]);
          return;
        }
        this.#inString = false;
        at = end;
      }
      const start = text.indexOf(ESC, at);
      if (start === -1) return;
      const end = this.#sequence(text, start);
      if (end === undefined) {
        if (text.length - start < MOST_SEQUENCE) this.#begun = Buffer.from(text.subarray(start));
        return;
      }
      at = end;
    }
  }

  /** What sets the modes again that are on now. */
  again(): string {
    const on = [...this.#changed].map((mode) => `\x1b[?${mode}${ON_BY_DEFAULT.has(mode) ? 'l' : 'h'}`);
    return on.join('') + (this.#keypad ? '\x1b=' : '');
  }

  /** What takes back the modes that are still on, and forgets them; empty where there are none. */
  takeBack(): string {
    const off: string[] = [];
    // What was cut short would swallow all that follows.
    if (this.#inString) off.push('\x1b\\');
    else if (this.#begun.length > 0) off.push('\x18');
    // It moves the cursor, whose place is kept.
    if (this.#region) off.push('\x1b7\x1b[r\x1b8');
    if (this.#coloured) off.push('\x1b[0m');
    if (this.#graphics) off.push('\x1b(B\x0f');
    if (this.#insert) off.push('\x1b[4l');
    if (this.#kittyKeys > 0) off.push(`\x1b[<${this.#kittyKeys}u`);
    if (this.#otherKeys) off.push('\x1b[>4m');
    if (this.#keypad) off.push('\x1b>');
    if (this.#cursorShape) off.push('\x1b[0 q');
    for (const mode of this.#changed) off.push(`\x1b[?${mode}${ON_BY_DEFAULT.has(mode) ? 'h' : 'l'}`);
    this.#forget();
    return off.join('');
  }

  /** Takes in the sequence that begins here; gives its end, or `undefined` where that has not come yet. */
  #sequence(text: Buffer, start: number): number | undefined {
    const kind = text[start + 1];
    if (kind === undefined) return undefined;
    switch (String.fromCharCode(kind)) {
      case '[':
        return this.#control(text, start + 2);
      case ']':
      case 'P':
      case 'X':
      case '^':
      case '_':
        this.#inString = true;
        return start + 2;
      case '(': {
        const set = text[start + 2];
        if (set === undefined) return undefined;
        this.#graphics = set === 0x30;
        return start + 3;
      }
      case '=':
        this.#keypad = true;
        return start + 2;
      case '>':
        this.#keypad = false;
        return start + 2;
      case 'c':
        this.#forget();
        return start + 2;
      default:
        return start + 1;
    }
  }

  #control(text: Buffer, start: number): number | undefined {
    let at = start;
    while (at < text.length && at - start < MOST_SEQUENCE) {
      const byte = text[at] as number;
      if (byte >= 0x40 && byte <= 0x7e) {
        this.#apply(text.toString('latin1', start, at), String.fromCharCode(byte));
        return at + 1;
      }
      // Whatever cannot stand in a sequence ends it.
      if (byte < 0x20 || byte > 0x7e) return at;
      at += 1;
    }
    return at < text.length ? at : undefined;
  }

  #apply(parameters: string, final: string): void {
    const isOn = final === 'h';
    if (final === 'h' || final === 'l') {
      if (parameters.startsWith('?')) for (const one of parameters.slice(1).split(';')) this.#set(Number(one), isOn);
      else if (parameters === '4') this.#insert = isOn;
    } else if (final === 'm') this.#style(parameters);
    else if (final === 'r' && /^[\d;]*$/.test(parameters)) this.#region = parameters !== '';
    else if (final === 'q' && parameters.endsWith(' ')) this.#cursorShape = !/^0? $/.test(parameters);
    else if (final === 'u') this.#keys(parameters);
    else if (final === 'p' && parameters === '!') this.#softReset();
  }

  #set(mode: number, isOn: boolean): void {
    if (ON_BY_DEFAULT.has(mode) ? isOn : !isOn) this.#changed.delete(mode);
    else if (OFF_BY_DEFAULT.has(mode) || ON_BY_DEFAULT.has(mode)) this.#changed.add(mode);
  }

  #style(parameters: string): void {
    if (/^>4(;|$)/.test(parameters)) this.#otherKeys = /;[1-9]/.test(parameters);
    else if (/^[\d;:]*$/.test(parameters)) this.#coloured = !/(^|;)0*$/.test(parameters);
  }

  #keys(parameters: string): void {
    if (parameters.startsWith('>')) this.#kittyKeys += 1;
    else if (parameters.startsWith('<'))
      this.#kittyKeys = Math.max(0, this.#kittyKeys - (Number(parameters.slice(1)) || 1));
  }

  /** A soft reset leaves the screen that is shown, and what the mouse does. */
  #softReset(): void {
    this.#coloured = this.#region = this.#graphics = this.#insert = this.#keypad = false;
    for (const mode of [1, 6, 7, 25]) this.#changed.delete(mode);
  }

  #forget(): void {
    this.#softReset();
    this.#changed.clear();
    this.#cursorShape = this.#otherKeys = false;
    this.#kittyKeys = 0;
    this.#inString = false;
    this.#begun = Buffer.alloc(0);
  }
}

/** Whether these bytes end in a character of UTF-8 that is not whole. */
function endsInCharacter(tail: Buffer): boolean {
  for (let back = 1; back <= tail.length; back++) {
    const byte = tail[tail.length - back] as number;
    if (byte < 0x80) return false;
    // It begins a character, and says of how many bytes.
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2);
  }
  return false;
}

/** Where the text after a string begins; `undefined` where the string goes on. */
function endOfString(text: Buffer, at: number): number | undefined {
  for (let i = at; i < text.length; i++) {
    const byte = text[i];
    // A bell, the string terminator, or what cancels it.
    if (byte === 0x07 || byte === 0x18 || byte === 0x1a) return i + 1;
    if (byte === ESC && i + 1 < text.length) return text[i + 1] === 0x5c ? i + 2 : i;
  }
  return undefined;
}
