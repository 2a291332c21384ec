import { pad, sanitise, textWidth, truncate } from '@rig/plugin-api';
import type { Glyphs } from './theme.ts';

/** Cuts a text that is known to be safe to at most so many columns. */
export function cut(text: string, columns: number, { ellipsis }: Pick<Glyphs, 'ellipsis'>): string {
  if (textWidth(text) <= columns) return text;
  return truncate(text, columns).replace(/…$/, ellipsis);
}

/** A text of unknown origin on one line: what a terminal would obey is written out, what does not fit is cut. */
export function safe(text: string, columns: number, glyphs: Pick<Glyphs, 'ellipsis'>): string {
  // No more is looked at than can be shown: a line of a log may have 64 KiB.
  return cut(sanitise(text.slice(0, columns * 4).replaceAll('\t', '    ')), columns, glyphs);
}

/** A line without what it is dressed in. */
export function plainOf(line: string): string {
  return line.replace(/\x1b\[[0-9;]*m/g, '');
}

/** Columns that a line takes which is dressed already. */
export function drawnWidth(line: string): number {
  return textWidth(plainOf(line));
}

/** Two texts at the ends of a line; the left one gives way. */
export function ends(left: string, right: string, columns: number, glyphs: Pick<Glyphs, 'ellipsis'>): string {
  const room = columns - textWidth(right) - 1;
  return room < 1 ? cut(left, columns, glyphs) : `${pad(cut(left, room, glyphs), room)} ${right}`;
}
