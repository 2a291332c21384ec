import { isReservedKey, KEY_MAX_BYTES, KEY_PATTERN } from '@rig/plugin-api/max';

/** A line of an env file that cannot be read: its number and why, never its text. */
export interface EnvFault {
  line: number;
  reason: string;
}

/** What an env file holds; where there are faults nothing of it may be used. */
export interface EnvFile {
  values: Map<string, string>;
  faults: EnvFault[];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', '"': '"', $: '$' };

class Fault extends Error {}

/**
 * Reads an env file by the grammar of docs/env-files.md, which is the whole of it: nothing is guessed, expanded or left out.
 *
 * After a fault the reading goes on with the next line, so that one look shows them all.
 */
export function parseEnvFile(text: string): EnvFile {
  const reader = new Reader(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
  const values = new Map<string, string>();
  const lines = new Map<string, number>();
  const faults: EnvFault[] = [];
  while (!reader.atEnd) {
    const line = reader.line;
    try {
      const entry = reader.entry();
      if (entry === undefined) continue;
      const before = lines.get(entry.key);
      if (before !== undefined) throw new Fault(`sets a name that line ${before} has set already`);
      lines.set(entry.key, line);
      values.set(entry.key, entry.value);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push({ line, reason: error.message });
      reader.skipFrom(line);
    }
  }
  return { values, faults };
}

/** Reads one entry after the other. */
class Reader {
  readonly #text: string;
  readonly #starts: number[] = [0];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Number of the line that is read, from 1. */
  get line(): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#starts[middle]! <= this.#at) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Goes on behind a line that is faulty. */
  skipFrom(line: number): void {
    this.#at = this.#starts[line] ?? this.#text.length;
  }

  /** The next assignment, or `undefined` for an empty line or a comment. */
  entry(): { key: string; value: string } | undefined {
    this.#blanks();
    if (this.#ended() || this.#peek() === '#') {
      this.#toNextLine();
      return undefined;
    }
    const key = this.#key();
    this.#blanks();
    if (this.#peek() !== '=') throw new Fault('has no "=" after the name');
    this.#at += 1;
    const spaced = this.#blanks();
    const value = this.#value(spaced);
    return { key, value };
  }

  #key(): string {
    const exported = /^export[ \t]+(?=[^=\s])/.exec(this.#rest());
    if (exported !== null) this.#at += exported[0].length;
    const key = /^[^\s=#'"`]*/.exec(this.#rest())![0];
    if (!KEY_PATTERN.test(key) || key.length > KEY_MAX_BYTES)
      throw new Fault('does not begin with a name of letters, digits and "_"');
    if (isReservedKey(key)) throw new Fault('sets a name that Max sets itself (PORT, MAX_…)');
    this.#at += key.length;
    return key;
  }

  #value(spaced: boolean): string {
    const first = this.#peek();
    if (first === "'") return this.#single();
    if (first === '"') return this.#double();
    if (first === '`') throw new Fault('has a value in backquotes; use single or double quotes');
    if (first === '#' && !spaced) throw new Fault('has a value that begins with "#": put it in quotes');
    return this.#plain();
  }

  #plain(): string {
    const line = this.#rest();
    const comment = /(?:^|[ \t])#/.exec(line);
    const value = (comment === null ? line : line.slice(0, comment.index)).replace(/[ \t]+$/, '');
    check(value);
    this.#toNextLine();
    return value;
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end === -1) throw new Fault('has a single quote that nothing closes');
    const value = this.#text.slice(this.#at + 1, end);
    check(value);
    this.#at = end + 1;
    this.#closed();
    return value;
  }

  #double(): string {
    let value = '';
    let at = this.#at + 1;
    for (;;) {
      const char = this.#text[at];
      if (char === undefined) throw new Fault('has a double quote that nothing closes');
      if (char === '"') break;
      if (char !== '\\') {
        value += char;
        at += 1;
        continue;
      }
      const escaped = this.#text[at + 1] ?? '';
      // A backslash at the end of a line joins it with the next.
      const meant = escaped === '\n' ? '' : ESCAPES[escaped];
      if (meant === undefined) throw new Fault('has a backslash in double quotes that is no escape; write it twice');
      value += meant;
      at += 2;
    }
    check(value);
    this.#at = at + 1;
    this.#closed();
    return value;
  }

  /** Behind a closing quote there may be a comment alone. */
  #closed(): void {
    const spaced = this.#blanks();
    if (!this.#ended() && !(spaced && this.#peek() === '#')) throw new Fault('goes on after the closing quote');
    this.#toNextLine();
  }

  #blanks(): boolean {
    const start = this.#at;
    while (this.#peek() === ' ' || this.#peek() === '\t') this.#at += 1;
    return this.#at > start;
  }

  #ended(): boolean {
    return this.atEnd || this.#peek() === '\n';
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  /** What is left of the line. */
  #rest(): string {
    const end = this.#text.indexOf('\n', this.#at);
    return this.#text.slice(this.#at, end === -1 ? undefined : end);
  }

  #toNextLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
  }
}

function check(value: string): void {
  if (value.includes('\0')) throw new Fault('has a zero byte, which no environment can hold');
}
