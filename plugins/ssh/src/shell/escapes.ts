/** What a person can tell rig itself, in the midst of a shell. */
export type Escape = 'end' | 'help' | 'suspend';

const [TILDE, RETURN, NEWLINE, CTRL_Z] = [0x7e, 0x0d, 0x0a, 0x1a];
/** Nobody types that much at once: it was pasted. */
const pasted = 64;
/** Milliseconds after a piece of a paste in which the next piece belongs to it. */
const pasteGap = 50;
/** What a terminal sends around a paste where the program asks for that. */
const [pasteBegins, pasteEnds] = [Buffer.from('\x1b[200~'), Buffer.from('\x1b[201~')];
/** A paste without an end must not take the escapes away for good. */
const longestPause = 5000;

/**
 * Finds the escapes in what is typed, by the rules of ssh: a tilde at the beginning of a line, and the key after it. Pasted
 * text is passed on as it is, whatever lines it has.
 */
export class EscapeReader {
  #atLineStart = true;
  #hasTilde = false;
  #pastedAt = Number.NEGATIVE_INFINITY;
  /** Between the marks of a paste. */
  #inMarks = false;
  /** What may be the beginning of a mark. */
  #tail = Buffer.alloc(0);

  /** Gives what is to be sent, and the escapes that were typed. */
  read(typed: Buffer, now = performance.now()): { bytes: Buffer; escapes: Escape[] } {
    if (now - this.#pastedAt > longestPause) this.#inMarks = false;
    const isMarked = this.#sawMarks(typed);
    if (isMarked || typed.length > pasted || now - this.#pastedAt < pasteGap) {
      this.#pastedAt = now;
      const bytes = this.#hasTilde ? Buffer.concat([Buffer.from([TILDE]), typed]) : typed;
      this.#hasTilde = false;
      this.#atLineStart = endsLine(typed[typed.length - 1]);
      return { bytes, escapes: [] };
    }
    const escapes: Escape[] = [];
    const bytes: number[] = [];
    for (const byte of typed) {
      if (this.#hasTilde) this.#afterTilde(byte, bytes, escapes);
      else if (byte === TILDE && this.#atLineStart) this.#hasTilde = true;
      else {
        bytes.push(byte);
        this.#atLineStart = endsLine(byte);
      }
    }
    return { bytes: Buffer.from(bytes), escapes };
  }

  /** Whether some of this is between the marks of a paste. */
  #sawMarks(typed: Buffer): boolean {
    const before = this.#inMarks;
    const seen = Buffer.concat([this.#tail, typed]);
    const begins = seen.lastIndexOf(pasteBegins);
    const ends = seen.lastIndexOf(pasteEnds);
    if (begins !== -1 || ends !== -1) this.#inMarks = begins > ends;
    this.#tail = seen.subarray(-(pasteBegins.length - 1));
    return before || this.#inMarks || begins !== -1;
  }

  #afterTilde(byte: number, bytes: number[], escapes: Escape[]): void {
    this.#hasTilde = false;
    const meant = escapeOf(byte);
    if (meant !== undefined) {
      escapes.push(meant);
      // What follows an escape is at the beginning of a line still.
      return;
    }
    if (byte !== TILDE) bytes.push(TILDE);
    bytes.push(byte);
    this.#atLineStart = endsLine(byte);
  }
}

function escapeOf(byte: number): Escape | undefined {
  if (byte === 0x2e) return 'end';
  if (byte === 0x3f) return 'help';
  return byte === CTRL_Z ? 'suspend' : undefined;
}

const endsLine = (byte: number | undefined): boolean => byte === RETURN || byte === NEWLINE;

/** What `~?` shows. */
export const ESCAPES = [
  'Supported escapes, at the beginning of a line:',
  '  ~.   end this shell, also where the connection is dead',
  '  ~^Z  stop rig, as Ctrl-Z does elsewhere; fg brings it back, within a minute',
  '  ~~   send a ~',
  '  ~?   this help',
];
