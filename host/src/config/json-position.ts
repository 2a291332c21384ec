/** Where a text stops being JSON, and why. */
export interface JsonFault {
  message: string;
  line: number;
  column: number;
}

const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![A-Za-z0-9_.])/y;
const SPACE = /[ \t\n\r]*/y;

class Fault extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/** Finds the first fault of a text that `JSON.parse` refused: its own messages often lack the place. */
export function findJsonFault(text: string): JsonFault {
  let at = 0;
  const eat = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const here = (): string => {
    if (at >= text.length) return 'the file ends here';
    if (/^\/[/*]/.test(text.slice(at, at + 2)) || text[at] === '#') return 'there is a comment, and JSON has none';
    return `${JSON.stringify(text[at])} stands here`;
  };
  const fail = (wanted: string): never => {
    throw new Fault(`${wanted}, but ${here()}`, at);
  };
  const string = (what: string): void => {
    if (eat(STRING) !== undefined) return;
    if (text[at] === '"') throw new Fault('a text is not closed, or has a character that JSON wants escaped', at);
    if (text[at] === "'") throw new Fault('texts stand in "double quotes"', at);
    fail(`${what} in "double quotes" is wanted`);
  };
  const value = (depth: number): void => {
    if (depth > 500) throw new Fault('it is nested too deeply', at);
    eat(SPACE);
    const open = text[at];
    if (open === '{' || open === '[') {
      const close = open === '{' ? '}' : ']';
      at++;
      eat(SPACE);
      if (text[at] === close) {
        at++;
        return;
      }
      for (;;) {
        eat(SPACE);
        if (text[at] === close) throw new Fault(`there is a comma too many before "${close}"`, at);
        if (open === '{') {
          string('a key');
          eat(SPACE);
          if (text[at] !== ':') fail('":" is wanted after a key');
          at++;
        }
        value(depth + 1);
        eat(SPACE);
        if (text[at] === close) break;
        if (text[at] !== ',') fail(`"," or "${close}" is wanted`);
        at++;
      }
      at++;
    } else if (open === '"' || open === "'") string('a text');
    else if (eat(LITERAL) === undefined) fail('a value is wanted');
  };
  try {
    value(0);
    eat(SPACE);
    if (at < text.length) fail('the end of the file is wanted');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const before = text.slice(0, error.at).split('\n');
    return { message: error.message, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }
  return { message: 'it is not JSON', line: 1, column: 1 };
}
