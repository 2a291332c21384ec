import { packChunk, unpackChunk } from './chunk.ts';
import { COLUMNS, type PointValues } from './point.ts';

/** How a series is laid out. */
export interface SeriesShape {
  /** Milliseconds of an interval. */
  stepMs: number;
  /** Intervals that are packed together. */
  length: number;
  /** So many packed ones are kept, beside the one that goes on. */
  kept: number;
}

/** A point with the end of its interval. */
export type SeriesPoint = [at: number, values: PointValues];

/** The points of an app in one resolution: those of the chunk that goes on as they are, older ones packed. */
export class Series {
  readonly #shape: SeriesShape;
  /** Packed chunks by their number, oldest first. */
  readonly #packed = new Map<number, string>();
  #chunk = 0;
  #slots: number[] = [];
  #values: Int32Array;

  constructor(shape: SeriesShape) {
    this.#shape = shape;
    this.#values = new Int32Array(shape.length * COLUMNS);
  }

  /** Adds the point of the interval that ends at a time. What a clock that was set back brings again goes, and only that. */
  add(at: number, values: PointValues): void {
    const { stepMs, length, kept } = this.#shape;
    const interval = Math.floor(at / stepMs) - 1;
    const chunk = Math.floor(interval / length);
    const slot = interval % length;
    if (chunk > this.#chunk) {
      this.#pack();
      this.#begin(chunk);
    } else if (chunk < this.#chunk || (this.#slots.at(-1) ?? -1) >= slot) this.#goBack(chunk, slot);
    for (const old of this.#packed.keys()) {
      if (old >= chunk - kept && old < chunk) break;
      this.#packed.delete(old);
    }
    for (let column = 0; column < COLUMNS; column += 1)
      this.#values[this.#slots.length * COLUMNS + column] = values[column] ?? 0;
    this.#slots.push(slot);
  }

  /** The points of the chunk that a time ends, or lies in, where it goes on. */
  open(at: number): PointValues[] {
    const { stepMs, length } = this.#shape;
    if (Math.floor((Math.floor(at / stepMs) - 1) / length) !== this.#chunk) return [];
    return this.#slots.map((_, row) => this.#values.slice(row * COLUMNS, (row + 1) * COLUMNS));
  }

  /** The points whose intervals end after `since` and not after `until`, oldest first. */
  *between(since: number, until: number): Generator<SeriesPoint> {
    const spanMs = this.#shape.stepMs * this.#shape.length;
    for (const [number, packed] of this.#packed) {
      if ((number + 1) * spanMs <= since || number * spanMs >= until) continue;
      const { slots, values } = unpackChunk(packed);
      yield* this.#pointsOf(number, slots, values, since, until);
    }
    yield* this.#pointsOf(this.#chunk, this.#slots, this.#values, since, until);
  }

  *#pointsOf(
    chunk: number,
    slots: readonly number[],
    values: Int32Array,
    since: number,
    until: number,
  ): Generator<SeriesPoint> {
    const { stepMs, length } = this.#shape;
    for (const [row, slot] of slots.entries()) {
      const at = (chunk * length + slot + 1) * stepMs;
      if (at > since && at <= until) yield [at, values.subarray(row * COLUMNS, (row + 1) * COLUMNS)];
    }
  }

  #pack(): void {
    if (this.#slots.length === 0) return;
    const packed = packChunk(this.#slots, this.#values);
    // Idle apps have the same chunk again and again.
    const before = this.#packed.get(this.#chunk - 1);
    this.#packed.set(this.#chunk, packed === before ? before : packed);
  }

  #begin(chunk: number): void {
    this.#chunk = chunk;
    this.#slots = [];
  }

  /** Drops the points from an interval on: they were of a clock that ran ahead, and each comes again in its time. */
  #goBack(chunk: number, slot: number): void {
    if (chunk < this.#chunk) {
      const packed = this.#packed.get(chunk);
      this.#begin(chunk);
      if (packed !== undefined) {
        const { slots, values } = unpackChunk(packed);
        this.#slots = [...slots];
        this.#values.set(values);
      }
      for (const number of this.#packed.keys()) if (number >= chunk) this.#packed.delete(number);
    }
    this.#slots = this.#slots.filter((kept) => kept < slot);
  }
}
