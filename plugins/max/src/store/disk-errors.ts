const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

/** Whether there was no room: on the disk, in the user's quota, or for the database. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'].includes(codeOf(error));
}

/** Whether the disk or its permissions did not let Max write or read, for another reason than room. */
export function isDiskRefusal(error: unknown): boolean {
  const code = codeOf(error);
  if (code === 'EROFS' || code === 'EIO') return true;
  // The same codes come from signals and ports, which name no file.
  if (code === 'EACCES' || code === 'EPERM') return typeof (error as NodeJS.ErrnoException).path === 'string';
  return /^SQLITE_(READONLY|CANTOPEN|IOERR|PERM|AUTH)/.test(code);
}

/** Whether this process, or the system, has as many files open as it may. */
export function isOutOfFiles(error: unknown): boolean {
  return codeOf(error) === 'EMFILE' || codeOf(error) === 'ENFILE';
}
