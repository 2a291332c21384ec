import { describe, expect, it } from 'vitest';
import { LineReader } from '../../../../host/src/output/keys.ts';

/** Feeds a line in pieces of every size: the answer must be the same. */
function type(input: string): unknown {
  const bytes = Buffer.from(input);
  const answers = [1, 2, 3, bytes.length].map((size) => {
    const reader = new LineReader();
    for (let i = 0; i < bytes.length; i += size) {
      const answer = reader.feed(bytes.subarray(i, i + size));
      if (answer) return answer.kind === 'line' ? answer.text : answer.kind;
    }
    return undefined;
  });
  expect(new Set(answers).size).toBe(1);
  return answers[0];
}

describe('a line typed without echo', () => {
  it.each([
    ['plain\r', 'plain'],
    ['plain\n', 'plain'],
    ['zażółć 日本 👍\r', 'zażółć 日本 👍'],
    ['abc\x7f\x7fd\r', 'ad'],
    ['a👩‍👩‍👧\x7f\r', 'a'],
    ['\x7f\x7fx\r', 'x'],
    ['wrong\x15right\r', 'right'],
    ['two words\x17\r', 'two '],
    ['a\x1b[D\x1b[1;5Cb\x1bOPc\r', 'abc'],
    ['\x1b[200~pasted\x1b[201~\r', 'pasted'],
    ['a\tb\x01\r', 'a\tb'],
    ['esc\x1b\r', 'esc'],
    ['abc\x03', 'interrupt'],
    ['\x04', 'end'],
    ['abc\x04d\r', 'abcd'],
    ['unfinished', undefined],
  ])('%j is %j', (input, expected) => {
    expect(type(input)).toBe(expected);
  });

  it('gives back what was typed ahead', () => {
    expect(new LineReader().feed(Buffer.from('one\r\ntwo\r'))).toEqual({ kind: 'line', text: 'one', rest: 'two\r' });
  });
});
