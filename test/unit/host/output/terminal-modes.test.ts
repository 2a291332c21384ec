import { describe, expect, it } from 'vitest';
import { TerminalModes } from '../../../../host/src/output/terminal-modes.ts';

/** What takes back the modes after this was written, whole and byte by byte. */
function left(text: string): string {
  const whole = new TerminalModes();
  whole.see(Buffer.from(text));
  const cut = new TerminalModes();
  for (const byte of Buffer.from(text)) cut.see(Buffer.from([byte]));
  const taken = whole.takeBack();
  expect(cut.takeBack()).toBe(taken);
  expect(whole.takeBack()).toBe('');
  return taken;
}

describe('modes that a program leaves on', () => {
  it.each([
    ['the alternate screen', '\x1b[?1049h', '\x1b[?1049l'],
    ['mouse reports', '\x1b[?1000;1006h', '\x1b[?1000l\x1b[?1006l'],
    ['bracketed paste', 'a\x1b[?2004hb', '\x1b[?2004l'],
    ['a hidden cursor', '\x1b[?25l', '\x1b[?25h'],
    ['lines that do not wrap', '\x1b[?7l', '\x1b[?7h'],
    ['application keys', '\x1b[?1h\x1b=', '\x1b>\x1b[?1l'],
    ['a colour', 'x\x1b[31mred', '\x1b[0m'],
    ['a scroll region', '\x1b[2;10r', '\x1b7\x1b[r\x1b8'],
    ['line drawing', '\x1b(0', '\x1b(B\x0f'],
    ['insert mode', '\x1b[4h', '\x1b[4l'],
    ['a shape of the cursor', '\x1b[6 q', '\x1b[0 q'],
    ['keys told in another way', '\x1b[>4;2m\x1b[>1u', '\x1b[<1u\x1b[>4m'],
    ['a title that is not ended', '\x1b]0;half', '\x1b\\'],
    ['a sequence that is not ended', '\x1b[?25', '\x18'],
  ])('%s', (_what, written, taken) => {
    expect(left(written)).toBe(taken);
  });

  it.each([
    ['text', 'plain 日本\r\n'],
    ['what was switched off again', '\x1b[?1049h\x1b[?25l\x1b[31m\x1b=\x1b[?25h\x1b[0m\x1b>\x1b[?1049l'],
    ['a colour that an empty one ended', '\x1b[1;31m\x1b[m'],
    ['a style that ends in none', '\x1b[1;0m'],
    ['a mode that nobody has to take back', '\x1b[?12h'],
    ['a title that looks like a mode', '\x1b]0;\\x1b[?1049h\x07'],
    ['a whole title with an escape in its end', '\x1b]2;title\x1b\\'],
    ['a full reset', '\x1b[?1049h\x1b[?1000h\x1bc'],
    ['a question about the cursor', '\x1b[6n\x1b[c\x1b[>c'],
    ['a restored cursor', '\x1b7\x1b8\x1b[u'],
  ])('are none after %s', (_what, written) => {
    expect(left(written)).toBe('');
  });

  it('tells the alternate screen, and what sets all again', () => {
    const modes = new TerminalModes();
    expect(modes.isFullScreen).toBe(false);
    modes.see(Buffer.from('\x1b[?1049h\x1b[?25l\x1b='));
    expect(modes.isFullScreen).toBe(true);
    const again = modes.again();
    modes.takeBack();
    expect([modes.isFullScreen, modes.again()]).toEqual([false, '']);
    modes.see(Buffer.from(again));
    expect(modes.again()).toBe(again);
  });

  it.each([
    ['text', 'a日', false],
    ['half a character', Buffer.from('日').subarray(0, 2), true],
    ['a character of four bytes but one', Buffer.from('👍').subarray(0, 3), true],
    ['half a sequence', 'a\x1b[3', true],
    ['an escape', 'a\x1b', true],
    ['a title that goes on', '\x1b]0;ti', true],
    ['a whole sequence', '\x1b[31m', false],
  ])('tells that %s is midway or not', (_what, written, isMidway) => {
    const whole = new TerminalModes();
    whole.see(Buffer.from(written as string));
    const cut = new TerminalModes();
    for (const byte of Buffer.from(written as string)) cut.see(Buffer.from([byte]));
    expect([whole.isMidway, cut.isMidway]).toEqual([isMidway, isMidway]);
  });

  it('keeps nothing of a flood that begins like a sequence', () => {
    const modes = new TerminalModes();
    modes.see(Buffer.from(`\x1b[${'1;'.repeat(100_000)}`));
    modes.see(Buffer.from('\x1b[?25l'));
    expect(modes.takeBack()).toBe('\x1b[?25h');
  });
});
