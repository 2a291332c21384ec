import { sanitise, sanitiseLine, sanitiseLines } from '@rig/plugin-api';
import { describe, expect, it } from 'vitest';
import { jsonDocument, jsonLine } from '../../../../host/src/output/json.ts';

describe('text of unknown origin', () => {
  it.each([
    ['\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
    ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['a\rb\nc\td', 'a\\rb\\nc\\td'],
    ['\x9b2J', '\\x9b2J'],
    ['user\u202egpj.exe', 'user\\u202egpj.exe'],
    ['a\u2066b\u2069', 'a\\u2066b\\u2069'],
    ['line\u2028two', 'line\\u2028two'],
    ['del\x7f\x00', 'del\\x7f\\x00'],
  ])('%j is shown, not obeyed', (text, shown) => {
    expect(sanitise(text)).toBe(shown);
  });

  it('leaves ordinary text alone, in every script', () => {
    for (const text of ['plain', 'żółć', '日本語', '👩‍👩‍👧 👍🏽', 'שלום', 'e\u0301']) expect(sanitise(text)).toBe(text);
  });

  it('keeps tabs in lines of logs, and splits at line ends', () => {
    expect(sanitiseLine('a\tb\x1b')).toBe('a\tb\\x1b');
    expect(sanitiseLines('a\r\nb\rc\n')).toEqual(['a', 'b\\rc']);
    expect(sanitiseLines('')).toEqual(['']);
  });
});

describe('JSON', () => {
  const nasty = { key: '\x1b[2J \x9b \u202e \u2028 \x7f', '\u202ekey': 1 };

  it('has no character that a terminal obeys, and is the same data', () => {
    for (const text of [jsonDocument(nasty), jsonLine(nasty)]) {
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      expect(JSON.parse(text)).toEqual(nasty);
    }
  });

  it('is one line for a record, and null for nothing', () => {
    expect(jsonLine({ a: 'x\ny' })).toBe('{"a":"x\\ny"}\n');
    expect(jsonDocument(undefined)).toBe('null\n');
  });
});
