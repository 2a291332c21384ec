import type { Glyphs } from './theme.ts';

const isFigure = (value: number): boolean => !Number.isNaN(value);

/** The largest of the figures; 0 where there is none. */
export function largest(values: readonly number[]): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** Makes `count` figures of any number: the mean of those that fall together, or each one where they are fewer than that. */
export function resample(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...new Array<number>(count - values.length).fill(Number.NaN), ...values];
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * values.length) / count);
    const until = Math.max(from + 1, Math.floor(((i + 1) * values.length) / count));
    let sum = 0;
    let known = 0;
    for (let at = from; at < until; at++) {
      const value = values[at] as number;
      if (!isFigure(value)) continue;
      sum += value;
      known++;
    }
    return known === 0 ? Number.NaN : sum / known;
  });
}

/** A graph of one line: a character a figure, scaled to the largest of them, or to `most` where that is more. */
export function sparkline(values: readonly number[], { levels }: Glyphs, most = 0): string {
  const top = Math.max(most, largest(values));
  const steps = levels.length - 1;
  return values
    .map((value) => {
      if (!isFigure(value)) return ' ';
      if (value <= 0 || top === 0) return levels[1];
      return levels[Math.max(1, Math.round((value / top) * steps))];
    })
    .join('');
}

/** The next round number that a scale may end with: 1, 2 or 5 times a power of ten. */
export function roundTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => value <= one * power * 1.0001) ?? 10;
  return step * power;
}

/** Bits of a braille character: the four dots of its left column from the bottom up, then of its right one. */
const DOTS = [
  [0x40, 0x04, 0x02, 0x01],
  [0x80, 0x20, 0x10, 0x08],
] as const;

/**
 * A graph of several lines, filled below its curve: with braille two figures a column and four steps a row.
 *
 * @param top what the full height stands for
 */
export function areaGraph(
  values: readonly number[],
  size: { columns: number; rows: number },
  top: number,
  glyphs: Glyphs,
): string[] {
  const { columns, rows } = size;
  const perColumn = glyphs.braille ? 2 : 1;
  const perRow = glyphs.braille ? 4 : glyphs.levels.length - 1;
  const figures = resample(values, columns * perColumn);
  // What is more than nothing is seen.
  const heights = figures.map((value) => {
    if (!isFigure(value)) return 0;
    if (value <= 0 || top === 0) return 1;
    return Math.max(1, Math.min(rows * perRow, Math.round((value / top) * rows * perRow)));
  });
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * perRow;
    let line = '';
    for (let column = 0; column < columns; column++) {
      if (!glyphs.braille) {
        const height = Math.max(0, Math.min(perRow, (heights[column] as number) - below));
        line += glyphs.levels[height];
        continue;
      }
      let bits = 0;
      for (let side = 0; side < 2; side++)
        for (let dot = 0; dot < 4; dot++)
          if ((heights[column * 2 + side] as number) > below + dot)
            bits |= (DOTS[side] as readonly number[])[dot] as number;
      line += bits === 0 ? ' ' : String.fromCharCode(0x2800 + bits);
    }
    return line;
  });
}
