import { BadPacket, PACKET, PacketWriter, STATUS } from './packet.ts';

/** An answer that is no success, thrown by what serves a request. */
export class SftpFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What clients are told of a failure of the file system. */
const MESSAGES: Record<string, readonly [status: number, message: string]> = {
  ENOENT: [STATUS.NO_SUCH_FILE, 'No such file or directory'],
  ENOTDIR: [STATUS.NO_SUCH_FILE, 'Not a directory'],
  ELOOP: [STATUS.NO_SUCH_FILE, 'Too many levels of symbolic links'],
  EACCES: [STATUS.PERMISSION_DENIED, 'Permission denied'],
  EPERM: [STATUS.PERMISSION_DENIED, 'Operation not permitted'],
  EROFS: [STATUS.PERMISSION_DENIED, 'Read-only file system'],
  EEXIST: [STATUS.FAILURE, 'File exists'],
  EISDIR: [STATUS.FAILURE, 'Is a directory'],
  ENOTEMPTY: [STATUS.FAILURE, 'Directory not empty'],
  ENOSPC: [STATUS.FAILURE, 'No space left on device'],
  EDQUOT: [STATUS.FAILURE, 'Disk quota exceeded'],
  EFBIG: [STATUS.FAILURE, 'File too large'],
  ENAMETOOLONG: [STATUS.FAILURE, 'File name too long'],
  EXDEV: [STATUS.FAILURE, 'Cannot move to another file system'],
  EBUSY: [STATUS.FAILURE, 'Device or resource busy'],
  ETXTBSY: [STATUS.FAILURE, 'Text file busy'],
  EMFILE: [STATUS.FAILURE, 'Too many open files'],
  EINVAL: [STATUS.FAILURE, 'Invalid argument'],
};

/** A status packet. */
export function statusPacket(id: number, status: number, message: string): Buffer {
  return new PacketWriter(PACKET.STATUS).uint32(id).uint32(status).string(message).string('en').end();
}

/** The status packet of what was thrown. */
export function failurePacket(id: number, error: unknown): Buffer {
  if (error instanceof SftpFailure) return statusPacket(id, error.status, error.message);
  if (error instanceof BadPacket) return statusPacket(id, STATUS.BAD_MESSAGE, error.message);
  const { code = '', message } = error as NodeJS.ErrnoException;
  const [status, text] = MESSAGES[code] ?? [STATUS.FAILURE, code === '' ? message : code];
  return statusPacket(id, status, text);
}
