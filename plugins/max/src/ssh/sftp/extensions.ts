import { lchown, link, lutimes, rename, statfs } from 'node:fs/promises';
import { readAttributes } from './attributes.ts';
import { MOST_DATA } from './files.ts';
import type { Handles } from './handles.ts';
import { PACKET, type PacketReader, PacketWriter, STATUS } from './packet.ts';
import type { Paths } from './paths.ts';
import { SftpFailure, statusPacket } from './status.ts';

/** The longest packet that is taken. */
export const MOST_PACKET = 256 * 1024;

const MOST_HANDLES = 256n;
const LONGEST_NAME = 255n;
/** Set-user-id has its usual meaning. */
const NO_FLAGS = 0n;

type Extension = (id: number, packet: PacketReader, paths: Paths, handles: Handles) => Promise<Buffer>;

const done = (id: number): Buffer => statusPacket(id, STATUS.OK, 'Success');

/** What OpenSSH's own server has beyond the draft, and its clients, sshfs and editors use. */
const EXTENSIONS: Readonly<Record<string, { version: string; serve: Extension }>> = {
  // Takes the place of what is there; the plain rename does not.
  'posix-rename@openssh.com': {
    version: '1',
    serve: async (id, packet, paths) => {
      await rename(paths.of(packet.text()), paths.of(packet.text()));
      return done(id);
    },
  },
  'hardlink@openssh.com': {
    version: '1',
    serve: async (id, packet, paths) => {
      await link(paths.of(packet.text()), paths.of(packet.text()));
      return done(id);
    },
  },
  'fsync@openssh.com': {
    version: '1',
    serve: async (id, packet, _paths, handles) => {
      await handles.file(packet.string().toString()).file.sync();
      return done(id);
    },
  },
  'lsetstat@openssh.com': {
    version: '1',
    serve: async (id, packet, paths) => {
      const path = paths.of(packet.text());
      const { times, owner } = readAttributes(packet);
      if (times !== undefined) await lutimes(path, times.atime, times.mtime);
      if (owner !== undefined) await lchown(path, owner.uid, owner.gid);
      return done(id);
    },
  },
  'statvfs@openssh.com': {
    version: '2',
    serve: async (id, packet, paths) => {
      const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(paths.of(packet.text()), { bigint: true });
      const answer = new PacketWriter(PACKET.EXTENDED_REPLY).uint32(id);
      for (const value of [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, 0n, NO_FLAGS, LONGEST_NAME])
        answer.uint64(value);
      return answer.end();
    },
  },
  'limits@openssh.com': {
    version: '1',
    serve: async (id) => {
      const answer = new PacketWriter(PACKET.EXTENDED_REPLY).uint32(id);
      for (const value of [BigInt(MOST_PACKET), BigInt(MOST_DATA), BigInt(MOST_DATA), MOST_HANDLES])
        answer.uint64(value);
      return answer.end();
    },
  },
  'expand-path@openssh.com': {
    version: '1',
    serve: async (id, packet, paths) => {
      const path = await paths.expanded(packet.text());
      return new PacketWriter(PACKET.NAME).uint32(id).uint32(1).string(path).string(path).uint32(0).end();
    },
  },
};

/** Tells the version that is spoken, and the extensions. */
export function versionPacket(): Buffer {
  const answer = new PacketWriter(PACKET.VERSION).uint32(3);
  for (const [name, { version }] of Object.entries(EXTENSIONS)) answer.string(name).string(version);
  return answer.end();
}

/** Serves an extended request. */
export async function serveExtension(
  id: number,
  packet: PacketReader,
  paths: Paths,
  handles: Handles,
): Promise<Buffer> {
  const name = packet.text();
  const extension = Object.hasOwn(EXTENSIONS, name) ? EXTENSIONS[name] : undefined;
  if (extension === undefined) throw new SftpFailure(STATUS.OP_UNSUPPORTED, 'Operation unsupported');
  return extension.serve(id, packet, paths, handles);
}
