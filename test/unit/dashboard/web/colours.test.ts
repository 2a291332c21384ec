import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(
  join(import.meta.dirname, '../../../../plugins/dashboard/src/web/page/style/colours.css'),
  'utf8',
);

/** The colours of one theme, by their names. */
function coloursOf(selector: string): Map<string, string> {
  const block = css.split(`${selector} {`)[1]?.split('}')[0] ?? '';
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]));
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const light = coloursOf(':root');
const dark = coloursOf(':root[data-theme="dark"]');

describe.each([
  ['light', light],
  ['dark', dark],
])('colours of the page, %s', (_name, colours) => {
  const of = (name: string): string => colours.get(name) as string;

  test.each(['text', 'muted', 'accent', 'good', 'busy', 'warn', 'bad'])('%s can be read on every ground', (name) => {
    for (const ground of ['surface', 'ground', 'raised']) expect(contrast(of(name), of(ground))).toBeGreaterThan(4.5);
  });

  test('what is wrong can be read in its banner', () => {
    expect(contrast(of('bad'), of('bad-ground'))).toBeGreaterThan(4.5);
    expect(contrast(of('warn'), of('warn-ground'))).toBeGreaterThan(4.5);
  });

  test('lines of graphs stand out from the ground', () => {
    for (const name of ['line-1', 'line-2', 'line-3', 'line-error'])
      expect(contrast(of(name), of('surface')), name).toBeGreaterThan(3);
  });
});

test('what is light has its dark', () => {
  expect([...dark.keys()]).toEqual([...light.keys()]);
});
