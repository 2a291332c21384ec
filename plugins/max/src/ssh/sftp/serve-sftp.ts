import { MOST_PACKET, versionPacket } from './extensions.ts';
import { Handles } from './handles.ts';
import { BadPacket, PACKET, PacketReader, packetsOf, STATUS } from './packet.ts';
import { Paths } from './paths.ts';
import { REQUESTS } from './requests.ts';
import { failurePacket, SftpFailure } from './status.ts';

/** Where a client's paths lead. */
export interface SftpRoot {
  /** Relative paths begin here. */
  folder: string;
  /** What `~` stands for. */
  home: string;
}

/**
 * Serves files by SFTP 3 until the client has said all: one request after the other, each answered before the next is read,
 * so that a client that does not read its answers is not read either.
 */
export async function serveSftp(
  source: AsyncIterable<Buffer>,
  send: (bytes: Buffer) => Promise<void>,
  root: SftpRoot,
): Promise<void> {
  const paths = new Paths(root.folder, root.home);
  const handles = new Handles();
  try {
    for await (const bytes of packetsOf(source, MOST_PACKET)) {
      const packet = new PacketReader(bytes);
      const type = packet.byte();
      if (type === PACKET.INIT) await send(versionPacket());
      else await send(await answer(type, packet, paths, handles));
    }
  } catch (error) {
    // Without a length or an id nothing can be answered: the channel ends.
    if (!(error instanceof BadPacket)) throw error;
  } finally {
    await handles.closeAll();
  }
}

async function answer(type: number, packet: PacketReader, paths: Paths, handles: Handles): Promise<Buffer> {
  const id = packet.uint32();
  try {
    const request = REQUESTS.get(type);
    if (request === undefined) throw new SftpFailure(STATUS.OP_UNSUPPORTED, 'Operation unsupported');
    return await request(id, packet, paths, handles);
  } catch (error) {
    return failurePacket(id, error);
  }
}
