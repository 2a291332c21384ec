import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { DiskRoom } from '../store/disk-room.ts';
import { NumberReader, NumberWriter } from './numbers.ts';
import type { PointValues } from './point.ts';

/** A file takes the points of an hour, and is kept for a day after its last. */
const FILE_MS = 60 * 60 * 1000;
const KEPT_MS = 24 * 60 * 60 * 1000;
/** The length of what follows and its checksum. */
const HEAD_BYTES = 8;
const NAME = /^(\d{15})\.points$/;

/** The point of an app in one minute. */
export type MinutePoint = [appId: string, values: PointValues];

/** The minutes of all apps on disk, so that they outlive Max: one record a minute, appended to the file of an hour. */
export class MinuteFiles {
  readonly #dir: string;
  readonly #room: Pick<DiskRoom, 'lack'>;
  readonly #writer = new NumberWriter();
  /** Where it is written: ids of apps are written once in each file, then by their numbers. */
  #file: { descriptor: number; since: number; ids: Map<string, number> } | undefined;

  /** @param room tells whether there is any beyond what Max leaves for what must go on */
  constructor(dir: string, room: Pick<DiskRoom, 'lack'>) {
    this.#dir = dir;
    this.#room = room;
  }

  /**
   * Keeps the points of the minute that ends at a time. They are dropped where the disk has no room for them.
   *
   * @throws Error where it cannot be written; the next ones go to a file of their own
   */
  append(at: number, points: readonly MinutePoint[]): void {
    if (this.#file !== undefined && !(at >= this.#file.since && at < this.#file.since + FILE_MS)) this.close();
    this.#removeOld(at);
    if (points.length === 0 || this.#room.lack() !== undefined) return;
    try {
      const { descriptor, ids } = this.#open(at);
      const record = this.#record(at, points, ids);
      const written = writeSync(descriptor, record);
      if (written < record.length) throw new Error(`only ${written} of ${record.length} bytes could be written`);
    } catch (error) {
      // What stands half written would hide everything behind it.
      this.close();
      throw error;
    }
  }

  /** Gives what an earlier Max has kept, oldest first. */
  async load(add: (at: number, points: MinutePoint[]) => void, signal: AbortSignal): Promise<void> {
    for (const [, name] of this.#names()) {
      if (signal.aborted) return;
      const bytes = await readFile(join(this.#dir, name)).catch(() => Buffer.alloc(0));
      await readRecords(bytes, add);
    }
  }

  /** Writes no more to the file that is open. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }

  #open(at: number): { descriptor: number; ids: Map<string, number> } {
    if (this.#file !== undefined) return this.#file;
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    // Always a new one: the last of an earlier Max may end amid a record.
    const descriptor = openSync(join(this.#dir, `${String(at).padStart(15, '0')}.points`), 'w', 0o600);
    this.#file = { descriptor, since: at, ids: new Map() };
    return this.#file;
  }

  #record(at: number, points: readonly MinutePoint[], ids: Map<string, number>): Buffer {
    const writer = this.#writer;
    writer.clear();
    writer.add(at);
    for (const [id, values] of points) {
      const known = ids.get(id);
      writer.add(known ?? ids.size);
      if (known === undefined) {
        writer.addText(id);
        ids.set(id, ids.size);
      }
      let length = values.length;
      while (length > 0 && values[length - 1] === 0) length -= 1;
      writer.add(length);
      for (let index = 0; index < length; index += 1) writer.add(values[index]!);
    }
    const body = writer.bytes();
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32BE(body.length, 0);
    head.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([head, body]);
  }

  #removeOld(now: number): void {
    for (const [since, name] of this.#names())
      if (since < now - KEPT_MS - FILE_MS) rmSync(join(this.#dir, name), { force: true });
  }

  /** The files that there are and the minutes that they begin with, oldest first. */
  #names(): Array<[since: number, name: string]> {
    let names: string[] = [];
    try {
      names = readdirSync(this.#dir).sort();
    } catch {
      // There is none yet.
    }
    return names.flatMap((name) => {
      const since = NAME.exec(name)?.[1];
      return since === undefined ? [] : [[Number(since), name]];
    });
  }
}

/** Reads the records of a file up to the first that is not whole. */
async function readRecords(bytes: Buffer, add: (at: number, points: MinutePoint[]) => void): Promise<void> {
  const ids: string[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    if (body.length < length || crc32(body) !== bytes.readUInt32BE(at + 4)) return;
    const reader = new NumberReader(body.toString('latin1'));
    const end = reader.next();
    const points: MinutePoint[] = [];
    while (!reader.done) {
      const number = reader.next();
      if (number === ids.length) ids.push(reader.nextText());
      const values = Array.from({ length: reader.next() }, () => reader.next());
      points.push([ids[number] ?? '', values]);
    }
    add(end, points);
    at += HEAD_BYTES + length;
    await turn();
  }
}
