import { NumberReader, NumberWriter } from './numbers.ts';
import { COLUMNS } from './point.ts';

const writer = new NumberWriter();

/** Points that follow each other, the first at its slot: what does not change costs a byte or two for all of them. */
export interface Chunk {
  slots: readonly number[];
  /** The numbers of one point after the other. */
  values: Int32Array;
}

/** Packs points column by column: the first value, and the steps to those that follow, unless there are none. */
export function packChunk(slots: readonly number[], values: Int32Array): string {
  writer.clear();
  writer.add(slots.length);
  // Without gaps this is one number.
  packColumn(slots.length, (row) => slots[row]! - row);
  for (let column = 0; column < COLUMNS; column += 1)
    packColumn(slots.length, (row) => values[row * COLUMNS + column]!);
  return writer.text();
}

function packColumn(rows: number, at: (row: number) => number): void {
  const first = at(0);
  let constant = true;
  for (let row = 1; row < rows && constant; row += 1) constant = at(row) === first;
  writer.add(first * 2 + (constant ? 1 : 0));
  if (constant) return;
  for (let row = 1; row < rows; row += 1) writer.addSigned(at(row) - at(row - 1));
}

/** Unpacks what {@link packChunk} has made. */
export function unpackChunk(packed: string): Chunk {
  const reader = new NumberReader(packed);
  const rows = reader.next();
  const slots = unpackColumn(reader, rows).map((slot, row) => slot + row);
  const values = new Int32Array(rows * COLUMNS);
  for (let column = 0; column < COLUMNS; column += 1)
    for (const [row, value] of unpackColumn(reader, rows).entries()) values[row * COLUMNS + column] = value;
  return { slots, values };
}

function unpackColumn(reader: NumberReader, rows: number): number[] {
  const head = reader.next();
  const column = [Math.floor(head / 2)];
  for (let row = 1; row < rows; row += 1)
    column.push(head % 2 === 1 ? column[0]! : column[row - 1]! + reader.nextSigned());
  return column;
}
