import type { BigIntStats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { readAttributes, writeAttributes } from './attributes.ts';
import { serveExtension } from './extensions.ts';
import { type Changeable, change, openFile, readFile, writeFile } from './files.ts';
import { openFolder, readFolder } from './folders.ts';
import type { Handles } from './handles.ts';
import { PACKET, type PacketReader, PacketWriter, STATUS } from './packet.ts';
import { isThere, type Paths } from './paths.ts';
import { SftpFailure, statusPacket } from './status.ts';

/** Serves one request: reads its fields, and gives the answer. */
export type Request = (id: number, packet: PacketReader, paths: Paths, handles: Handles) => Promise<Buffer>;

/** A request that is answered with success alone. */
function plain(serve: (packet: PacketReader, paths: Paths, handles: Handles) => Promise<unknown>): Request {
  return async (id, packet, paths, handles) => {
    await serve(packet, paths, handles);
    return statusPacket(id, STATUS.OK, 'Success');
  };
}

function attributes(stat: (packet: PacketReader, paths: Paths, handles: Handles) => Promise<BigIntStats>): Request {
  return async (id, packet, paths, handles) =>
    writeAttributes(new PacketWriter(PACKET.ATTRS).uint32(id), await stat(packet, paths, handles)).end();
}

function handle(open: (packet: PacketReader, paths: Paths, handles: Handles) => Promise<string>): Request {
  return async (id, packet, paths, handles) =>
    new PacketWriter(PACKET.HANDLE)
      .uint32(id)
      .string(await open(packet, paths, handles))
      .end();
}

/** One name, without what is behind it. */
function name(find: (packet: PacketReader, paths: Paths) => Promise<string>): Request {
  return async (id, packet, paths) => {
    const found = await find(packet, paths);
    return new PacketWriter(PACKET.NAME).uint32(id).uint32(1).string(found).string(found).uint32(0).end();
  };
}

function changeable(path: string): Changeable {
  return {
    truncate: (size) => fs.truncate(path, size),
    chmod: (mode) => fs.chmod(path, mode),
    utimes: (atime, mtime) => fs.utimes(path, atime, mtime),
    chown: (uid, gid) => fs.chown(path, uid, gid),
  };
}

async function renameAnew(from: string, to: string): Promise<void> {
  if (await isThere(to)) throw new SftpFailure(STATUS.FAILURE, 'File exists');
  await fs.rename(from, to);
}

/** Every request by its number. */
export const REQUESTS: ReadonlyMap<number, Request> = new Map<number, Request>([
  [PACKET.OPEN, handle(openFile)],
  [PACKET.CLOSE, plain((packet, _paths, handles) => handles.close(packet.string().toString()))],
  [PACKET.READ, (id, packet, _paths, handles) => readFile(id, packet, handles)],
  [PACKET.WRITE, plain((packet, _paths, handles) => writeFile(packet, handles))],
  [PACKET.STAT, attributes((packet, paths) => fs.stat(paths.of(packet.text()), { bigint: true }))],
  [PACKET.LSTAT, attributes((packet, paths) => fs.lstat(paths.of(packet.text()), { bigint: true }))],
  [
    PACKET.FSTAT,
    attributes((packet, _paths, handles) => handles.file(packet.string().toString()).file.stat({ bigint: true })),
  ],
  [PACKET.SETSTAT, plain((packet, paths) => change(changeable(paths.of(packet.text())), readAttributes(packet)))],
  [
    PACKET.FSETSTAT,
    plain((packet, _paths, handles) => change(handles.file(packet.string().toString()).file, readAttributes(packet))),
  ],
  [PACKET.OPENDIR, handle(openFolder)],
  [PACKET.READDIR, (id, packet, _paths, handles) => readFolder(id, packet, handles)],
  [PACKET.REMOVE, plain((packet, paths) => fs.unlink(paths.of(packet.text())))],
  [
    PACKET.MKDIR,
    plain((packet, paths) => fs.mkdir(paths.of(packet.text()), { mode: readAttributes(packet).mode ?? 0o777 })),
  ],
  [PACKET.RMDIR, plain((packet, paths) => fs.rmdir(paths.of(packet.text())))],
  [PACKET.REALPATH, name((packet, paths) => paths.real(packet.text()))],
  [PACKET.RENAME, plain((packet, paths) => renameAnew(paths.of(packet.text()), paths.of(packet.text())))],
  [PACKET.READLINK, name((packet, paths) => fs.readlink(paths.of(packet.text())))],
  // Where it leads comes first: OpenSSH has it so, against the draft, and everybody follows OpenSSH.
  [PACKET.SYMLINK, plain((packet, paths) => fs.symlink(packet.text(), paths.of(packet.text())))],
  [PACKET.EXTENDED, serveExtension],
]);
