import { pad, textWidth, truncate } from '@rig/plugin-api';
import { describe, expect, it } from 'vitest';

describe('textWidth', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['żółć', 4],
    ['e\u0301', 1],
    ['日本語', 6],
    ['한국어', 6],
    ['ｆｕｌｌ', 8],
    ['ﾊﾝｶｸ', 4],
    ['👍', 2],
    ['👍🏽', 2],
    ['👩‍👩‍👧', 2],
    ['🇵🇱', 2],
    ['❤️', 2],
    ['1️⃣', 2],
    ['❤', 1],
    ['\u200bx', 1],
    ['नमस्ते', 3],
    ['𠀀', 2],
    ['—…', 2],
  ])('%j takes %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});

describe('truncate and pad', () => {
  it('cut at characters as people see them', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef');
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('a👩‍👩‍👧b', 3)).toBe('a…');
    expect(truncate('abc', 0)).toBe('');
  });

  it('fill to columns, not to code units', () => {
    expect(pad('日本', 6)).toBe('日本  ');
    expect(pad('7', 3, 'right')).toBe('  7');
    expect(pad('longer', 3)).toBe('longer');
  });
});
