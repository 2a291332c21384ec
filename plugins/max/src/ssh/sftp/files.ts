import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Attributes, readAttributes } from './attributes.ts';
import type { Handles } from './handles.ts';
import { PACKET, type PacketReader, STATUS } from './packet.ts';
import type { Paths } from './paths.ts';
import { SftpFailure } from './status.ts';

const OPEN = { READ: 1, WRITE: 2, APPEND: 4, CREAT: 8, TRUNC: 16, EXCL: 32 } as const;

/** Bytes of one read or write: OpenSSH asks for as many as it is told. */
export const MOST_DATA = 255 * 1024;

/** Opens a file; gives its handle. */
export async function openFile(packet: PacketReader, paths: Paths, handles: Handles): Promise<string> {
  const path = paths.of(packet.text());
  const wanted = packet.uint32();
  const { mode = 0o666 } = readAttributes(packet);
  handles.demandRoom();
  const file = await open(path, flagsOf(wanted), mode);
  return handles.add({ kind: 'file', file, append: (wanted & OPEN.APPEND) !== 0 });
}

function flagsOf(wanted: number): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC, O_EXCL, O_NONBLOCK = 0 } = constants;
  const writes = (wanted & OPEN.WRITE) !== 0;
  // A named pipe would keep one of Max's few threads until somebody opens its other end.
  let flags = O_NONBLOCK | (writes ? (wanted & OPEN.READ ? O_RDWR : O_WRONLY) : O_RDONLY);
  if (wanted & OPEN.APPEND) flags |= O_APPEND;
  if (wanted & OPEN.CREAT) flags |= O_CREAT;
  if (wanted & OPEN.TRUNC) flags |= O_TRUNC;
  if (wanted & OPEN.EXCL) flags |= O_EXCL;
  return flags;
}

/** Reads from a file: the whole packet with what is there, which is made in the memory that it is sent from. */
export async function readFile(id: number, packet: PacketReader, handles: Handles): Promise<Buffer> {
  const { file } = handles.file(packet.string().toString());
  const offset = packet.uint64();
  const wanted = Math.min(packet.uint32(), MOST_DATA);
  const head = 13;
  const answer = Buffer.allocUnsafe(head + wanted);
  const { bytesRead } = await file.read(answer, head, wanted, Number(offset));
  if (bytesRead === 0 && wanted > 0) throw new SftpFailure(STATUS.EOF, 'End of file');
  answer.writeUInt32BE(head - 4 + bytesRead, 0);
  answer[4] = PACKET.DATA;
  answer.writeUInt32BE(id, 5);
  answer.writeUInt32BE(bytesRead, 9);
  return answer.subarray(0, head + bytesRead);
}

/** Writes to a file, all of it or with an error. */
export async function writeFile(packet: PacketReader, handles: Handles): Promise<void> {
  const { file, append } = handles.file(packet.string().toString());
  const offset = Number(packet.uint64());
  const bytes = packet.string();
  for (let done = 0; done < bytes.length; ) {
    const place = append ? null : offset + done;
    done += (await file.write(bytes, done, bytes.length - done, place)).bytesWritten;
  }
}

/** What of a file or path can be changed: a file's handle and a path do it alike. */
export interface Changeable {
  truncate(size: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  utimes(atime: number, mtime: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
}

/** Makes a file what the client wants it to be. */
export async function change(target: Changeable | FileHandle, wanted: Attributes): Promise<void> {
  const { size, mode, times, owner } = wanted;
  if (size !== undefined) await target.truncate(Number(size));
  if (mode !== undefined) await target.chmod(mode);
  if (times !== undefined) await target.utimes(times.atime, times.mtime);
  if (owner !== undefined) await target.chown(owner.uid, owner.gid);
}
