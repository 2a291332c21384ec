import type { TerminalScreen } from './terminal.ts';

/** What a program could write to take hold of the terminal of whoever looks at it: a name each, and the bytes. */
export const HOSTILE: ReadonlyArray<readonly [name: string, text: string]> = [
  ['title', '\x1b]0;OWNED\x07'],
  ['clipboard', '\x1b]52;c;T1dORUQ=\x07'],
  ['link', '\x1b]8;;http://owned.example/\x1b\\OWNED\x1b]8;;\x1b\\'],
  ['device control', '\x1bP+q544e\x1b\\'],
  ['clear', '\x1b[2J\x1b[3J\x1b[H'],
  ['colour', '\x1b[31;41;7mOWNED'],
  ['alternate screen', '\x1b[?1049h\x1b[?1003h\x1b[?2004h'],
  ['question', '\x1b[6n\x1b[>c\x05'],
  ['C1 control', '\u009b2J\u009d0;OWNED\u009c'],
  ['bell and back', 'x\x07\x08\x08\x7f'],
  ['carriage return', 'shown\rOWNED'],
  ['direction', '\u202eDENWO\u2066\u2069'],
  ['charset and reset', '\x0e\x1b(0\x1bc'],
];

/** All of it on one line. */
export const HOSTILE_LINE = HOSTILE.map(([, text]) => text).join(' ');

/** JavaScript that writes all of it to its standard output, as bytes. */
export const SAYS_HOSTILE = `process.stdout.write(Buffer.from('${Buffer.from(`${HOSTILE_LINE}\n`).toString('base64')}', 'base64'));`;

/** Sequences that rig has no reason ever to write, whatever it draws. */
const NEVER: ReadonlyArray<readonly [what: string, form: RegExp]> = [
  ['OSC, DCS, APC, PM, SOS or ST', /\x1b[\]P_^X\\]/],
  ['C1', /\xc2[\x80-\x9f]/],
  ['a bell', /\x07/],
  ['a question to the terminal', /\x05|\x1b\[[\d;]*n|\x1b\[>?[\d;]*c/],
  ['a reset', /\x1bc|\x1b\[!p/],
  ['another character set', /[\x0e\x0f]|\x1b[()*+]/],
  ['its colour', /\x1b\[31;41;7m/],
  ['mouse reports', /\x1b\[\?100\d/],
  ['a mark of direction', /\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]/],
  ['text over other text', /shown\r/],
];

/** What only a view that owns the whole screen may write. */
const WHOLE_SCREEN = [
  ['a cleared screen', /\x1b\[[23]J/],
  ['another screen', /\x1b\[\?(?:1049|47)h/],
] as const;

/** Names what of it a terminal was made to obey: empty where all was shown as text. */
export function obeyed(screen: TerminalScreen, ownsScreen = false): string[] {
  const bytes = screen.bytes.toString('latin1');
  return [...NEVER, ...(ownsScreen ? [] : WHOLE_SCREEN)].filter(([, form]) => form.test(bytes)).map(([what]) => what);
}
