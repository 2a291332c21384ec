import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
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

/** Who reads what is kept. */
export interface MinuteReader {
  add(at: number, points: MinutePoint[]): void;
  /** Told which file is not whole. */
  damaged(text: string): void;
  signal: AbortSignal;
}

/** The minutes of all apps on disk, so that they outlive Max: one record a minute, appended to the file of an hour. */
export class MinuteFiles {
  readonly #dir: string;
  readonly #room: Pick<DiskRoom, 'lack'>;
  readonly #writer = new NumberWriter();
  /** Where it is written: ids of apps are written once in each file, then by their numbers. */
  #file: { descriptor: number; since: number; ids: Map<string, number> } | undefined;

  /** Since when the clock was not set back. */
  #since = Number.POSITIVE_INFINITY;

  /** @param room tells whether there is any beyond what Max leaves for what must go on */
  constructor(dir: string, room: Pick<DiskRoom, 'lack'>) {
    this.#dir = dir;
    this.#room = room;
  }

  /**
   * Keeps the points of the minute that ends at a time.
   *
   * @throws Error where it cannot be written, or the disk has no room for it; the next ones go to a file of their own
   */
  append(at: number, points: readonly MinutePoint[]): void {
    if (this.#file !== undefined && !(at >= this.#file.since && at < this.#file.since + FILE_MS)) this.close();
    this.#removeStale(at);
    if (points.length === 0) return;
    const lack = this.#room.lack();
    if (lack !== undefined) throw new Error(lack);
    try {
      const { descriptor, ids } = this.#open(at);
      writeWhole(descriptor, this.#record(at, points, ids));
    } catch (error) {
      // The numbers of this file's apps may not be on disk.
      this.close();
      throw error;
    }
  }

  /** Gives what an earlier Max has kept, as it was written; what cannot be read of a file is told, and hides no other. */
  async load({ add, damaged, signal }: MinuteReader): Promise<void> {
    for (const [, name] of this.#names()) {
      if (signal.aborted) return;
      const file = join(this.#dir, name);
      try {
        const bytes = await readFile(file);
        const read = await readRecords(bytes, add);
        if (read < bytes.length) damaged(`${file} holds no whole minute after byte ${read} of ${bytes.length}`);
      } catch (error) {
        damaged((error as Error).message);
      }
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

  /**
   * Removes files that are too old, and those that begin after a time: they were written by a clock that ran ahead, and would be
   * read over those of now. One that begins days ahead stays for an hour, as it may be this clock that is wrong until it is set.
   */
  #removeStale(now: number): void {
    if (!(this.#since <= now)) this.#since = now;
    const isTrusted = now - this.#since >= FILE_MS;
    for (const [since, name] of this.#names()) {
      const isAhead = since > now && (since <= now + KEPT_MS || isTrusted);
      if (!isAhead && since >= now - KEPT_MS - FILE_MS) continue;
      try {
        rmSync(join(this.#dir, name), { force: true });
      } catch {
        // Where nothing can be removed nothing can be written, and that is told.
      }
    }
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

/** Appends all of a record or, where the disk takes less, nothing of it. */
function writeWhole(descriptor: number, record: Buffer): void {
  const before = fstatSync(descriptor).size;
  try {
    const written = writeSync(descriptor, record);
    if (written < record.length) throw new Error(`only ${written} of ${record.length} bytes could be written`);
  } catch (error) {
    try {
      ftruncateSync(descriptor, before);
    } catch {
      // What stands half written is told by the next Max.
    }
    throw error;
  }
}

/** Reads the records of a file up to the first that is not whole; gives how many bytes those have. */
async function readRecords(bytes: Buffer, add: MinuteReader['add']): Promise<number> {
  const ids: string[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    // Zeros, as a power cut leaves them, have the checksum of nothing.
    if (length === 0 || body.length < length || crc32(body) !== bytes.readUInt32BE(at + 4)) return at;
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
  return at;
}
