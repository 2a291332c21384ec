import type { Block } from '@rig/plugin-api';
import { pad, sanitiseLines, textWidth } from '@rig/plugin-api';
import type { Style } from './style.ts';
import { cellText, layOut } from './table.ts';

/** Lays out the table form of one value: sentences, pairs of label and value, small tables, parted by empty lines. */
export function layOutBlocks(blocks: readonly Block[], style: Style, columns: number | undefined): string[] {
  const parts = blocks.map((block) => layOutBlock(block, style, columns));
  return parts.flatMap((lines, i) => {
    // Sentences that follow each other are one paragraph.
    const apart = i > 0 && !(typeof blocks[i] === 'string' && typeof blocks[i - 1] === 'string');
    return apart && lines.length > 0 ? ['', ...lines] : lines;
  });
}

function layOutBlock(block: Block, style: Style, columns: number | undefined): string[] {
  if (typeof block === 'string') return sanitiseLines(block);
  if ('fields' in block) {
    const labels = block.fields.map(([label]) => cellText(label));
    const width = labels.reduce((most, label) => Math.max(most, textWidth(label)), 0);
    return block.fields.map(([, value], i) =>
      `${style.bold(pad(labels[i] as string, width))}  ${cellText(value)}`.trimEnd(),
    );
  }
  const grid = {
    header: block.columns.map(cellText),
    rows: block.rows.map((row) => row.map(cellText)),
    align:
      block.align ??
      block.columns.map((_, i) =>
        isNumeric(block.rows.map((row) => row[i])) ? ('right' as const) : ('left' as const),
      ),
  };
  const heading = block.heading === undefined ? [] : [style.bold(cellText(block.heading))];
  return [...heading, ...layOut(grid, style, columns)];
}

const isNumeric = (cells: readonly unknown[]): boolean =>
  cells.length > 0 && cells.every((cell) => typeof cell === 'number');
