import type { Dir } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { longName, writeAttributes } from './attributes.ts';
import type { Handles } from './handles.ts';
import { PACKET, type PacketReader, PacketWriter, STATUS } from './packet.ts';
import type { Paths } from './paths.ts';
import { SftpFailure } from './status.ts';

/** Names of one answer: some dozen kilobytes. */
const NAMES = 100;

/** Opens a folder; gives its handle. */
export async function openFolder(packet: PacketReader, paths: Paths, handles: Handles): Promise<string> {
  const path = paths.of(packet.text());
  handles.demandRoom();
  return handles.add({ kind: 'folder', dir: await opendir(path), path });
}

/** The next names of a folder, with what each is. */
export async function readFolder(id: number, packet: PacketReader, handles: Handles): Promise<Buffer> {
  const { dir, path } = handles.folder(packet.string().toString());
  const names = await nextNames(dir);
  if (names.length === 0) throw new SftpFailure(STATUS.EOF, 'End of file');
  // What is removed meanwhile is left out.
  const stats = await Promise.all(
    names.map((name) => lstat(join(path, name), { bigint: true }).catch(() => undefined)),
  );
  const found = names.flatMap((name, index) => {
    const one = stats[index];
    return one === undefined ? [] : [{ name, stats: one }];
  });
  const answer = new PacketWriter(PACKET.NAME).uint32(id).uint32(found.length);
  for (const entry of found)
    writeAttributes(answer.string(entry.name).string(longName(entry.name, entry.stats)), entry.stats);
  return answer.end();
}

async function nextNames(dir: Dir): Promise<string[]> {
  const names: string[] = [];
  while (names.length < NAMES) {
    const entry = await dir.read();
    if (entry === null) break;
    names.push(entry.name);
  }
  return names;
}
