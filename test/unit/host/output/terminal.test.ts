import { describe, expect, it } from 'vitest';
import { terminal } from '../support/program.ts';

const PROGRAM = new URL('program.ts', import.meta.url);

describe.skipIf(process.platform === 'win32')('questions in a real terminal', () => {
  it('read secrets without echo, two from one paste', async () => {
    const t = terminal(PROGRAM, ['secret', '-']);
    await t.shows('First: ');
    t.pty.write('pass\x7f\x7f日本👍\rnext');
    await t.shows('Second: ');
    t.pty.write('\r');
    expect(await t.ended).toBe(0);
    expect(t.screen()).toContain('"pa日本👍"');
    expect(t.screen()).toContain('"next"');
    const before = t.screen().slice(0, t.screen().indexOf('"pa'));
    expect(before).not.toMatch(/pass|日本|next/);
  });

  it('end with 130 at Ctrl-C', async () => {
    const t = terminal(PROGRAM, ['secret']);
    await t.shows('First: ');
    t.pty.write('abc\x03');
    expect(await t.ended).toBe(130);
    expect(t.screen()).toMatch(/interrupted\r\n$/);
    expect(t.screen()).not.toContain('abc');
  });

  it('end with 130 at Ctrl-C where the line is visible, and at a signal', async () => {
    const visible = terminal(PROGRAM, ['confirm']);
    await visible.shows('Go on? [y/N] ');
    visible.pty.write('\x03');
    expect(await visible.ended).toBe(130);
    const hidden = terminal(PROGRAM, ['secret']);
    await hidden.shows('First: ');
    hidden.pty.kill('SIGTERM');
    expect(await hidden.ended).toBe(130);
  });

  it('confirm by the exact name alone', async () => {
    const right = terminal(PROGRAM, ['name']);
    await right.shows('Type api to confirm: ');
    right.pty.write('api\r');
    expect(await right.ended).toBe(0);
    expect(right.screen()).toContain('confirmed');
    const wrong = terminal(PROGRAM, ['name']);
    await wrong.shows('Type api to confirm: ');
    wrong.pty.write('apis\r');
    expect(await wrong.ended).toBe(1);
    expect(wrong.screen()).toMatch(/what was typed is not "api" .*\(RIG_NOT_CONFIRMED\)/);
    const none = terminal(PROGRAM, ['name']);
    await none.shows('Type api to confirm: ');
    none.pty.write('\x04');
    expect(await none.ended).toBe(1);
    // The error begins a line of its own.
    expect(none.screen()).toMatch(/confirm: \r\n.*error:.*nothing was typed/);
  });

  it.each([
    ['y\r', true],
    ['YES\r', true],
    ['\r', false],
    ['yep\r', false],
    ['\x04', false],
  ])('take %j for %j', async (keys, answer) => {
    const t = terminal(PROGRAM, ['confirm']);
    await t.shows('Go on? [y/N] ');
    t.pty.write(keys);
    expect(await t.ended).toBe(0);
    expect(t.screen()).toContain(`answer ${answer}`);
  });

  it('are not asked with CI', async () => {
    const t = terminal(PROGRAM, ['confirm'], { env: { CI: 'true' } });
    expect(await t.ended).toBe(2);
    expect(t.screen()).toContain('(RIG_NO_TERMINAL)');
  });
});

/** What is on the screen's lines in the end: a carriage return goes back, an erase clears to the end. */
function settled(raw: string): string[] {
  return raw.split('\r\n').map((line) => {
    let shown = '';
    for (const part of line.split('\r')) {
      const erase = part.startsWith('\x1b[K');
      const text = erase ? part.slice(3) : part;
      shown = erase ? text : text + shown.slice(text.length);
    }
    return shown;
  });
}

describe.skipIf(process.platform === 'win32')('progress in a real terminal', () => {
  it('is a bar that never mixes with lines and leaves none of itself', async () => {
    const t = terminal(PROGRAM, ['progress']);
    expect(await t.ended).toBe(0);
    expect(t.screen()).toMatch(/Uploading {2}\[#+-+\] \d+% {2}[\d.]+ MB of 10 MB/);
    expect(settled(t.screen())).toEqual(['a line in the middle', 'Uploaded 10 MB', '']);
  });

  it('is no wider than the terminal', async () => {
    const t = terminal(PROGRAM, ['progress'], { cols: 30 });
    expect(await t.ended).toBe(0);
    expect(settled(t.screen())).toEqual(['a line in the middle', 'Uploaded 10 MB', '']);
    for (const frame of t.screen().split(/\r\n?/)) expect(frame.replace('\x1b[K', '').length).toBeLessThan(30);
  });

  it('is taken away at the end of a command that forgot it', async () => {
    const t = terminal(PROGRAM, ['progress left']);
    expect(await t.ended).toBe(0);
    expect(t.screen()).toContain('Hanging');
    expect(settled(t.screen())).toEqual(['']);
  });

  it('is not drawn with CI or on a dumb terminal', async () => {
    for (const env of [{ CI: '1' }, { TERM: 'dumb' }] as Record<string, string>[]) {
      const t = terminal(PROGRAM, ['progress'], { env });
      expect(await t.ended).toBe(0);
      expect(t.screen()).toBe('a line in the middle\r\nUploaded 10 MB\r\n');
    }
  });

  it('is silent in machine forms', async () => {
    const t = terminal(PROGRAM, ['progress', 'json']);
    expect(await t.ended).toBe(0);
    expect(t.screen()).toBe('');
  });
});

describe.skipIf(process.platform === 'win32')('a leased terminal', () => {
  it('is raw, tells its size, and other output waits for its release', async () => {
    const t = terminal(PROGRAM, ['lease'], { env: { RESIZE: '1' }, cols: 90 });
    await t.shows('leased {"columns":90,"rows":30}');
    t.pty.resize(70, 20);
    await t.shows('now 70');
    // Ctrl-C is a byte here, not a signal.
    t.pty.write('\x03');
    expect(await t.ended).toBe(0);
    expect(t.screen()).toMatch(/now 70 key 03 queued note\r\nfree again\r\n$/);
  });

  it('is given back after an error', async () => {
    const t = terminal(PROGRAM, ['lease left']);
    expect(await t.ended).toBe(1);
    // A raw terminal would not turn the line ends into these.
    expect(t.screen()).toBe(t.screen().replace(/(?<!\r)\n/g, '\r\n'));
    expect(t.screen()).toMatch(/queued note\r\n.*failed while leased/s);
  });

  it('is given back at a signal', async () => {
    const t = terminal(PROGRAM, ['lease signal']);
    await t.shows('leased ');
    t.pty.kill('SIGTERM');
    expect(await t.ended).toBe(130);
    expect(t.screen()).toMatch(/leased \r\ninterrupted\r\n$/);
  });
});

describe.skipIf(process.platform === 'win32')('a table in a real terminal', () => {
  it('is fitted to the width', async () => {
    const t = terminal(PROGRAM, ['list'], { cols: 40 });
    expect(await t.ended).toBe(0);
    const plain = t.screen().replace(/\x1b\[\d+m/g, '');
    expect(plain).toMatch(/^N {2}TEXT\r\n1 {2}a fairly long text [^\n]*…\r\n$/);
    for (const line of plain.split('\r\n')) expect(line.length).toBeLessThanOrEqual(40);
  });
});
