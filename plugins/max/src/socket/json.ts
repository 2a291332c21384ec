const surrogateEscape = /\\u[dD][89a-fA-F]/;
const keyEnd = /"\s*:/g;

/**
 * Parses JSON as the protocol reads it: of two equal keys in one object the first counts, and half a surrogate pair is
 * an error. The native parser does the work; only a text that may repeat a key is read again by hand.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (surrogateEscape.test(text)) refuseLoneSurrogates(value);
  const written = text.match(keyEnd)?.length ?? 0;
  return written > countKeys(value) ? new FirstKeyParser(text).parse() : value;
}

function countKeys(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item);
    return count;
  }
  for (const item of Object.values(value)) count += 1 + countKeys(item);
  return count;
}

function refuseLoneSurrogates(value: unknown): void {
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw new SyntaxError('a string holds half a surrogate pair');
  } else if (Array.isArray(value)) {
    for (const item of value) refuseLoneSurrogates(item);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      refuseLoneSurrogates(key);
      refuseLoneSurrogates(item);
    }
  }
}

const space = /[ \t\n\r]*/y;
const scalar = /"[^"\\]*(?:\\.[^"\\]*)*"|[^\s,:{}[\]"]+/y;

/** Reads a text that is known to be valid JSON, keeping the first of equal keys. */
class FirstKeyParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): unknown {
    this.#skipSpace();
    const next = this.#text[this.#at];
    if (next === '{') return this.#object();
    if (next === '[') return this.#array();
    return this.#scalar();
  }

  #object(): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    this.#at += 1;
    while (!this.#ends('}')) {
      const key = String(this.#scalar());
      this.#skipSpace();
      this.#at += 1; // the colon
      const value = this.parse();
      if (Object.hasOwn(result, key)) continue;
      // defineProperty, because assigning "__proto__" would set the prototype.
      Object.defineProperty(result, key, { value, writable: true, enumerable: true, configurable: true });
    }
    return result;
  }

  #array(): unknown[] {
    const result: unknown[] = [];
    this.#at += 1;
    while (!this.#ends(']')) result.push(this.parse());
    return result;
  }

  #ends(bracket: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] === ',') {
      this.#at += 1;
      this.#skipSpace();
    }
    if (this.#text[this.#at] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #scalar(): unknown {
    scalar.lastIndex = this.#at;
    const match = scalar.exec(this.#text);
    if (match === null) throw new SyntaxError('unexpected end of JSON');
    this.#at = scalar.lastIndex;
    return JSON.parse(match[0]);
  }

  #skipSpace(): void {
    space.lastIndex = this.#at;
    space.exec(this.#text);
    this.#at = space.lastIndex;
  }
}
