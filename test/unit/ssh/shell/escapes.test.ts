import { describe, expect, it } from 'vitest';
import { EscapeReader } from '../../../../plugins/ssh/src/shell/escapes.ts';

/** What is sent and what is obeyed, where these pieces are typed one after the other, seconds apart. */
function typed(...pieces: string[]): [sent: string, escapes: string[]] {
  const reader = new EscapeReader();
  const results = pieces.map((piece, index) => reader.read(Buffer.from(piece), index * 1000));
  return [results.map(({ bytes }) => bytes.toString()).join(''), results.flatMap(({ escapes }) => escapes)];
}

describe('escapes of a shell', () => {
  it.each([
    ['at the very beginning', ['~', '.'], '', ['end']],
    ['after a return', ['ls\r', '~.'], 'ls\r', ['end']],
    ['in one piece with the return', ['\r~.'], '\r', ['end']],
    ['help', ['\r~?'], '\r', ['help']],
    ['a stop', ['\r~\x1a'], '\r', ['suspend']],
    ['one after another', ['~?', '~?'], '', ['help', 'help']],
    ['not in the midst of a line', ['cd ~.\r'], 'cd ~.\r', []],
    ['a tilde by two', ['~~', '.'], '~.', []],
    ['a tilde before another key', ['~', '/bin\r'], '~/bin\r', []],
    ['a tilde before a return', ['~\r', '~.'], '~\r', ['end']],
    ['a character of more bytes after a tilde', ['~', 'é'], '~é', []],
    ['what it says after the end of one is at the beginning of a line', ['~?', '~~'], '~', ['help']],
  ] as const)('%s', (_what, pieces, sent, escapes) => {
    expect(typed(...pieces)).toEqual([sent, escapes]);
  });

  it('are none in what is pasted, however it is cut', () => {
    const reader = new EscapeReader();
    const paste = 'a line of a file\n~.\n~~ and more of it\n'.repeat(3);
    expect(reader.read(Buffer.from(paste), 1000)).toEqual({ bytes: Buffer.from(paste), escapes: [] });
    expect(reader.read(Buffer.from('~.\n'), 1010)).toEqual({ bytes: Buffer.from('~.\n'), escapes: [] });
    expect(reader.read(Buffer.from('~.'), 5000)).toEqual({ bytes: Buffer.alloc(0), escapes: ['end'] });
  });

  it('are none in a short paste that the terminal marks, wherever its bytes are cut', () => {
    const paste = Buffer.from('\r\x1b[200~one\r~.\r~?\x1b[201~');
    for (let cut = 0; cut < paste.length; cut++) {
      const reader = new EscapeReader();
      const pieces = [paste.subarray(0, cut), paste.subarray(cut)].map((piece, at) =>
        reader.read(piece, 1000 + at * 400),
      );
      expect([Buffer.concat(pieces.map(({ bytes }) => bytes)), pieces.flatMap(({ escapes }) => escapes)]).toEqual([
        paste,
        [],
      ]);
      // After it they are what they were.
      expect(reader.read(Buffer.from('\r~.'), 2000).escapes).toEqual(['end']);
    }
  });

  it('come back after a paste whose end got lost', () => {
    const reader = new EscapeReader();
    reader.read(Buffer.from('\x1b[200~some\r'), 1000);
    expect(reader.read(Buffer.from('~.'), 3000).escapes).toEqual([]);
    expect(reader.read(Buffer.from('\r~.'), 9000).escapes).toEqual(['end']);
  });

  it('keep a tilde that was typed before a paste', () => {
    const reader = new EscapeReader();
    expect(reader.read(Buffer.from('~'), 0).bytes.length).toBe(0);
    expect(reader.read(Buffer.from('x'.repeat(100)), 10).bytes.toString()).toBe(`~${'x'.repeat(100)}`);
  });
});
