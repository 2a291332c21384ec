import type { TerminalLease } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import { Captured, CaptureRoom, textOf } from '../../../../plugins/ssh/src/command/captured.ts';
import { type Line, Lines } from '../../../../plugins/ssh/src/command/lines.ts';
import { RecordQueue } from '../../../../plugins/ssh/src/command/records.ts';
import { parseRequest } from '../../../../plugins/ssh/src/command/request.ts';
import type { CommandRecord } from '../../../../plugins/ssh/src/command/result.ts';
import { sayStates } from '../../../../plugins/ssh/src/command/standard-output.ts';
import { TerminalText } from '../../../../plugins/ssh/src/command/terminal-text.ts';

const shown = (...pieces: Array<string | Buffer>): string => {
  const text = new TerminalText();
  return pieces.map((piece) => text.push(Buffer.from(piece))).join('') + text.end();
};

describe('what a terminal is given', () => {
  test('colours, tabs and line ends pass, however they are cut', () => {
    expect(shown('a\tb\r\n')).toBe('a\tb\r\n');
    expect(shown('\x1b[1;38:5:8mx\x1b[0m')).toBe('\x1b[1;38:5:8mx\x1b[0m');
    for (const at of [1, 2, 3, 4]) {
      const red = '\x1b[31mé\x1b[m';
      const bytes = Buffer.from(red);
      expect(shown(bytes.subarray(0, at), bytes.subarray(at))).toBe(red);
    }
    expect(shown(Buffer.from([0xc3]), Buffer.from([0xa9]))).toBe('é');
    // As grep and compilers colour, and bars that grow clear what was longer before.
    expect(shown('\x1b[01;31m\x1b[Kx\x1b[m\x1b', '[K\r\x1b[0K')).toBe('\x1b[01;31m\x1b[Kx\x1b[m\x1b[K\r\x1b[0K');
  });

  test('whatever else it would obey is written out', () => {
    expect(shown('\x1b]0;title\x07')).toBe('\\x1b]0;title\\x07');
    expect(shown('\x1b[2J\x1b[H\x1b[6n\x08\x7f\x9b2J'.replace('\x9b', '\u009b'))).not.toContain('\x1b');
    expect(shown('\x1b', ']52;c;aGk=\x07')).toBe('\\x1b]52;c;aGk=\\x07');
    expect(shown('\u202etxt')).toBe('\\u202etxt');
    expect(shown(`\x1b[${'1;'.repeat(40)}m`)).toContain('\\x1b');
    expect(shown('left \x1b[3')).toBe('left \\x1b[3');
  });

  test('a program that draws is known, one that only colours and goes back in its line is not', () => {
    const drew = (bytes: string): boolean => {
      const text = new TerminalText();
      text.push(Buffer.from(bytes));
      return text.drew;
    };
    expect(['\x1b[?1049h', 'a\x1b[2J', '\x1b[10;3Hx', '\x1b[1K'].map(drew)).toEqual([true, true, true, true]);
    expect(['\x1b[31m\x1b[Kred\x1b[m', '50 %\r100 %\n', '\x1b]0;title\x07'].map(drew)).toEqual([false, false, false]);
  });

  test('colours end with the output', () => {
    expect(shown('\x1b[31mred')).toBe('\x1b[31mred\x1b[0m');
  });
});

test('of a connection that several commands share it is said once that it is lost, and once that it is back', () => {
  const said: string[] = [];
  const lease = { writeError: async (text: string) => void said.push(text) } as unknown as TerminalLease;
  const state = sayStates(lease);
  for (let each = 0; each < 3; each++) state({ state: 'lost', reason: 'Max has fallen silent', seconds: 60 });
  for (let each = 0; each < 3; each++) state({ state: 'open' });
  expect(said).toEqual([
    'rig: Max has fallen silent; what runs goes on, and is reached for again for 60 s\n',
    'rig: the connection is back\n',
  ]);
});

describe('lines of bytes', () => {
  const cut = (...pieces: Buffer[]): Line[] => {
    const lines = new Lines();
    return [...pieces.flatMap((piece) => [...lines.push(piece)]), ...lines.end()];
  };

  test('are whole however they come, and the last may have no end', () => {
    const lines = cut(Buffer.from('on'), Buffer.from('e\n\ntw'), Buffer.from('o'));
    expect(lines.map(({ bytes, ended }) => [bytes.toString(), ended])).toEqual([
      ['one', true],
      ['', true],
      ['two', false],
    ]);
    expect(cut(Buffer.from('a\n')).length).toBe(1);
  });

  test('come in parts where they are very long, and nothing is lost', () => {
    const long = Buffer.concat([Buffer.alloc(150_000, 0x78), Buffer.from('\nend\n')]);
    const lines = cut(long.subarray(0, 70_000), long.subarray(70_000));
    expect(lines.map(({ bytes, ended }) => [bytes.length, ended])).toEqual([
      [65_536, false],
      [65_536, false],
      [18_928, true],
      [3, true],
    ]);
  });
});

describe('a document', () => {
  test('has text where it is UTF-8, and base64 where it is none', () => {
    expect(textOf(Buffer.from('é'))).toEqual({ text: 'é', encoding: 'utf8' });
    expect(textOf(Buffer.from([0xff]))).toEqual({ text: '/w==', encoding: 'base64' });
  });

  test('holds no more than its room, which its commands share', () => {
    const room = new CaptureRoom(undefined, 10);
    new Captured(room).stdout(Buffer.alloc(6));
    const other = new Captured(room);
    other.stderr(Buffer.alloc(4));
    const tooLarge = { code: 'RIG_OUTPUT_TOO_LARGE', message: expect.stringContaining('it was ended') };
    expect(() => other.stdout(Buffer.alloc(1))).toThrow(expect.objectContaining(tooLarge));
  });

  test('that one who attaches wants ends nothing where it is too large, and says so', () => {
    const hint = expect.stringContaining('rig command attach ses_1 > FILE');
    const tooLarge = { code: 'RIG_OUTPUT_TOO_LARGE', message: expect.stringMatching(/it was left as it is$/), hint };
    const captured = new Captured(new CaptureRoom('ses_1', 10));
    expect(() => captured.stdout(Buffer.alloc(11))).toThrow(expect.objectContaining(tooLarge));
  });
});

describe('records', () => {
  const record = (text: string): CommandRecord => ({ stream: 'stdout', instance: 'web.1', text });

  test('are waited for by who puts them in, and end or fail after the last', async () => {
    const queue = new RecordQueue();
    let taken = false;
    const put = queue.put([record('a'), record('b')]).then(() => {
      taken = true;
    });
    expect((await queue.next()).value).toEqual(record('a'));
    expect(taken).toBe(false);
    await queue.next();
    await put;
    const waiting = queue.next();
    void queue.put([record('c')]);
    queue.fail(new Error('lost'));
    expect((await waiting).value).toEqual(record('c'));
    await expect(queue.next()).rejects.toThrow('lost');
  });

  test('that nobody takes any more hold nobody up', async () => {
    const queue = new RecordQueue();
    const put = queue.put([record('a')]);
    await queue.return();
    await put;
    await queue.put([record('b')]);
    expect((await queue.next()).done).toBe(true);
  });
});

test('a request has what was typed after --, and the time in seconds', () => {
  const typed = {
    app: undefined,
    network: undefined,
    instance: 'web.2',
    all: false,
    timeout: '1h30m',
    detach: true,
    stdin: undefined,
  };
  expect(parseRequest({ ...typed, verbatim: { argv: ['ls', '--', ''], misplaced: [] } })).toEqual({
    ...{ kind: 'command', argv: ['ls', '--', ''], instance: 'web.2', timeoutSeconds: 5400, detach: true },
  });
});
