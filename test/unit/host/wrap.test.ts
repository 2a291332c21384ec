import { describe, expect, test } from 'vitest';
import { present, wrap } from '../../../host/src/wrap.ts';

describe('wrap', () => {
  test('continues under the text of the last column', () => {
    expect(wrap('  --app APP   The app to deploy to, by name', 30)).toBe(
      '  --app APP   The app to\n              deploy to, by\n              name',
    );
  });

  test('keeps the indent of a paragraph, and short lines as they are', () => {
    expect(wrap('  one two three\nshort', 10)).toBe('  one two\n  three\nshort');
  });

  test('never loses a word, whatever the width', () => {
    const text = '  -o, --output FORM   How the result is printed: table, json, ndjson, yaml or name';
    for (let width = 1; width < 100; width++)
      expect(wrap(text, width).split(/\s+/).join(' ')).toBe(text.split(/\s+/).join(' '));
  });
});

describe('present', () => {
  test('headings are bold on a terminal, and plain with NO_COLOR or elsewhere', () => {
    const text = 'About\n\nUSAGE\n  rig x\n';
    expect(present(text, { isTTY: true, columns: 80 }, {})).toContain('\x1b[1mUSAGE\x1b[22m');
    expect(present(text, { isTTY: true, columns: 80 }, { NO_COLOR: '1' })).toBe(text);
    expect(present(text, {}, {})).toBe(text);
  });
});
