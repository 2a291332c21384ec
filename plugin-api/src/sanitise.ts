/**
 * What a terminal would obey rather than show: control characters (C0 without tab, DEL, C1), separators that some
 * terminals take for a new line, and the marks that turn the direction of text, by which one text can look like another.
 */
const UNSAFE = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const UNSAFE_OR_TAB = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const visible = (char: string): string => {
  const code = char.charCodeAt(0);
  return NAMED[char] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`);
};

/** Makes a text of unknown origin safe to show on one line: what a terminal would obey is written out instead. */
export function sanitise(text: string): string {
  return text.replace(UNSAFE_OR_TAB, visible);
}

/** As {@link sanitise}, and keeps tabs: for lines of logs. */
export function sanitiseLine(text: string): string {
  return text.replace(UNSAFE, visible);
}

/** Splits a text at its line ends and makes each line safe; the end of the last line is not a line of its own. */
export function sanitiseLines(text: string): string[] {
  return text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map(sanitiseLine);
}
