import type { BigIntStats } from 'node:fs';
import { BadPacket, type PacketReader, type PacketWriter } from './packet.ts';

const FLAG = { SIZE: 1, UIDGID: 2, PERMISSIONS: 4, ACMODTIME: 8, EXTENDED: 0x8000_0000 } as const;
const MOST_EXTENDED = 64;

/** What a client wants a file to be; what it does not name stays. */
export interface Attributes {
  size?: bigint;
  owner?: { uid: number; gid: number };
  mode?: number;
  /** Seconds since 1970. */
  times?: { atime: number; mtime: number };
}

/** Reads the attributes of a request. */
export function readAttributes(packet: PacketReader): Attributes {
  const flags = packet.uint32();
  const attributes: Attributes = {};
  if (flags & FLAG.SIZE) attributes.size = packet.uint64();
  if (flags & FLAG.UIDGID) attributes.owner = { uid: packet.uint32(), gid: packet.uint32() };
  // The bits above are the kind of file, which nobody can change.
  if (flags & FLAG.PERMISSIONS) attributes.mode = packet.uint32() & 0o7777;
  if (flags & FLAG.ACMODTIME) attributes.times = { atime: packet.uint32(), mtime: packet.uint32() };
  if ((flags & FLAG.EXTENDED) !== 0) {
    const count = packet.uint32();
    if (count > MOST_EXTENDED) throw new BadPacket('too many attributes');
    for (let index = 0; index < count * 2; index += 1) packet.string();
  }
  return attributes;
}

/** Writes what a file is. */
export function writeAttributes(
  packet: PacketWriter,
  { size, uid, gid, mode, atimeMs, mtimeMs }: BigIntStats,
): PacketWriter {
  const seconds = (ms: bigint): number => Number(ms / 1000n);
  return packet
    .uint32(FLAG.SIZE | FLAG.UIDGID | FLAG.PERMISSIONS | FLAG.ACMODTIME)
    .uint64(size)
    .uint32(Number(uid))
    .uint32(Number(gid))
    .uint32(Number(mode))
    .uint32(seconds(atimeMs))
    .uint32(seconds(mtimeMs));
}

const KINDS: ReadonlyArray<readonly [number, string]> = [
  [0o040000, 'd'],
  [0o120000, 'l'],
  [0o060000, 'b'],
  [0o020000, 'c'],
  [0o010000, 'p'],
  [0o140000, 's'],
];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HALF_A_YEAR_MS = 182 * 24 * 60 * 60 * 1000;

/** A line as of `ls -l`, which simple clients show as it is. */
export function longName(name: string, stats: BigIntStats): string {
  const mode = Number(stats.mode);
  const kind = KINDS.find(([bits]) => (mode & 0o170000) === bits)?.[1] ?? '-';
  const bits = [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index) ? letter : '-')).join('');
  const columns = [
    `${kind}${bits}`,
    String(stats.nlink).padStart(4),
    String(stats.uid).padEnd(8),
    String(stats.gid).padEnd(8),
    String(stats.size).padStart(8),
    dateOf(new Date(Number(stats.mtimeMs))),
    name,
  ];
  return columns.join(' ');
}

function dateOf(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)}`;
  const isRecent = Math.abs(Date.now() - date.getTime()) < HALF_A_YEAR_MS;
  return `${day} ${isRecent ? `${two(date.getHours())}:${two(date.getMinutes())}` : ` ${date.getFullYear()}`}`;
}
