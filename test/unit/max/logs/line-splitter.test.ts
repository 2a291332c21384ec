import { expect, test } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from '../../../../plugins/max/src/logs/line-splitter.ts';

const texts = (lines: Array<{ text: string }>): string[] => lines.map((line) => line.text);

test('lines, with or without a carriage return, and empty ones', () => {
  const splitter = new LineSplitter();
  expect(splitter.push(Buffer.from('one\r\n\ntwo\nthr'))).toEqual([
    { text: 'one', offset: 5, cut: false },
    { text: '', offset: 6, cut: false },
    { text: 'two', offset: 10, cut: false },
  ]);
  expect(splitter.push(Buffer.from('ee\n'))).toEqual([{ text: 'three', offset: 16, cut: false }]);
});

test('a character that arrives byte by byte is never broken, by a flush neither', () => {
  const splitter = new LineSplitter();
  const bytes = Buffer.from('a€😀');
  const found: string[] = [];
  for (const byte of bytes) {
    found.push(...texts(splitter.push(Buffer.from([byte]))));
    found.push(...texts(splitter.flush(false)));
  }
  expect(found).toEqual(['a', '€', '😀']);
});

test('after a flush the line end that follows is no line of its own', () => {
  const splitter = new LineSplitter();
  splitter.push(Buffer.from('Name? '));
  expect(splitter.flush(false)).toEqual([{ text: 'Name? ', offset: 6, cut: false }]);
  expect(splitter.push(Buffer.from('\nnext\n'))).toEqual([{ text: 'next', offset: 12, cut: false }]);
});

test('a line that is too long is cut once and says so; the next is whole', () => {
  const splitter = new LineSplitter();
  const lines = [
    ...splitter.push(Buffer.from('é'.repeat(20_000))),
    ...splitter.push(Buffer.from('é'.repeat(200_000))),
    ...splitter.push(Buffer.from('tail\nnext\n')),
  ];
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({ cut: true });
  expect(Buffer.byteLength(lines[0]!.text)).toBeLessThanOrEqual(MAX_LINE_BYTES);
  expect(lines[0]!.text).toMatch(/^é+ \[cut by Max: a line has at most 64 KiB\]$/);
  expect(lines[1]!.text).toBe('next');
});

test('a line of exactly the limit is whole', () => {
  const splitter = new LineSplitter();
  const [line] = splitter.push(Buffer.from(`${'x'.repeat(MAX_LINE_BYTES)}\n`));
  expect(line).toMatchObject({ cut: false, text: 'x'.repeat(MAX_LINE_BYTES) });
});

test('a splitter that begins amid a cut line skips its rest', () => {
  const splitter = new LineSplitter({ offset: 100, midLine: true, cut: true });
  expect(splitter.push(Buffer.from('rest of it\nnext\n'))).toEqual([{ text: 'next', offset: 116, cut: false }]);
});
