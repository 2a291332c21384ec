import type { Cell, Column } from '@rig/plugin-api';
import { pad, sanitise, textWidth, truncate } from '@rig/plugin-api';
import type { Style } from './style.ts';

const GAP = 2;
/** No column is fitted to less than this, so that what is left still says something. */
const NARROWEST = 8;

/** A table as text cells. */
export interface Grid {
  header: readonly string[];
  rows: ReadonlyArray<readonly string[]>;
  align: ReadonlyArray<'left' | 'right'>;
}

/** A cell as text that is safe to show. */
export function cellText(cell: Cell): string {
  return cell === undefined || cell === null ? '' : sanitise(String(cell));
}

/** Makes the cells of a list's rows. */
export function toGrid<T>(columns: ReadonlyArray<Column<T>>, rows: readonly T[]): Grid {
  return {
    header: columns.map((column) => sanitise(column.header)),
    rows: rows.map((row) => columns.map((column) => cellText(column.value(row)))),
    align: columns.map((column) => column.align ?? 'left'),
  };
}

/**
 * Lays a table out as lines: columns padded with spaces, no lines or boxes.
 *
 * @param columns width of the terminal to fit it to, by leaving out empty columns before any text is cut; `undefined`
 *   never leaves out or cuts
 */
export function layOut(grid: Grid, style: Style, columns: number | undefined): string[] {
  const natural = naturalWidths(grid);
  if (columns !== undefined && sum(natural) > columns) {
    const said = withoutEmpty(grid);
    if (said !== undefined) return layOut(said, style, columns);
  }
  const widths = columns === undefined ? natural : fit(natural, grid.header.map(textWidth), columns);
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, i) => {
        const text = truncate(cells[i] ?? '', width);
        const last = i === widths.length - 1 && grid.align[i] !== 'right';
        return last ? text : pad(text, width, grid.align[i]);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [...(grid.header.some(Boolean) ? [style.bold(line(grid.header))] : []), ...grid.rows.map(line)];
}

function naturalWidths({ header, rows }: Grid): number[] {
  return header.map((title, i) =>
    rows.reduce((most, row) => Math.max(most, textWidth(row[i] ?? '')), textWidth(title)),
  );
}

/** What columns take together, with what parts them. */
function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0) + GAP * (widths.length - 1);
}

/** The table without the columns in which no row has anything; `undefined` where it has none of them. */
function withoutEmpty({ header, rows, align }: Grid): Grid | undefined {
  const kept = header.map((_title, i) => rows.length === 0 || rows.some((row) => (row[i] ?? '') !== ''));
  if (kept.every(Boolean)) return undefined;
  const only = <T>(cells: readonly T[]): T[] => cells.filter((_cell, i) => kept[i]);
  return { header: only(header), rows: rows.map(only), align: only(align) };
}

/** Narrows the widest columns but the first, which names the thing, until the table fits or nothing more can give. */
function fit(natural: readonly number[], headers: readonly number[], columns: number): number[] {
  const widths = [...natural];
  const least = widths.map((width, i) => (i === 0 ? width : Math.min(width, Math.max(NARROWEST, headers[i] ?? 0))));
  let over = sum(widths) - columns;
  while (over > 0) {
    let widest = -1;
    for (let i = 1; i < widths.length; i++) {
      const width = widths[i] as number;
      if (width > (least[i] as number) && (widest === -1 || width > (widths[widest] as number))) widest = i;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] as number) - 1;
    over--;
  }
  return widths;
}
