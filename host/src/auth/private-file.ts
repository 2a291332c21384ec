import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExitCode, RigError } from '@rig/plugin-api';
import { isFull, removeLeftovers, replaceFile } from '../files.ts';
import type { AuthHost } from './host.ts';

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');

function unsafe(path: string, why: string, hint: string): RigError {
  return new RigError({
    code: 'RIG_CREDENTIALS_UNSAFE',
    message: `${path} is not used for credentials: ${why}`,
    hint,
    exitCode: ExitCode.Denied,
  });
}

/** Makes the error of a credential file that cannot be written. */
export function cannotWrite(path: string, error: unknown): RigError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown cause';
  return new RigError({
    code: 'RIG_CREDENTIALS_WRITE',
    message: `credentials cannot be stored in ${path} (${code})`,
    hint: `${isFull(error) ? 'make room on that disk' : `make ${dirname(path)} writable for you`}, or sign in for one command by RIG_TOKEN`,
    cause: error,
  });
}

// Windows has no owner and mode of this kind: the profile folder guards the file there.
const hasModes = (host: AuthHost): boolean => host.io.uid >= 0;

/** Makes the folder of credentials, 0700, or mends one that others can look into. */
export async function preparePrivateFolder(folder: string, host: AuthHost): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (!hasModes(host)) return;
    const { uid, mode } = await stat(folder);
    if (uid !== host.io.uid) {
      throw unsafe(
        folder,
        `it belongs to user ${uid}, and rig runs as ${host.io.uid}`,
        'run rig as that user, or set XDG_DATA_HOME',
      );
    }
    if ((mode & 0o077) !== 0) {
      await chmod(folder, 0o700);
      if ((mode & 0o022) !== 0) {
        host.output.warn(
          'RIG_CREDENTIALS_MODE',
          `${folder} could be changed by others (${octal(mode)}): it is 0700 now`,
        );
      }
    }
  } catch (error) {
    if (error instanceof RigError) throw error;
    throw cannotWrite(join(folder, 'credentials.json'), error);
  }
}

/**
 * Reads a file that holds secrets; `undefined` where there is none. One that others may read is mended with a warning.
 *
 * @throws RigError `RIG_CREDENTIALS_UNSAFE` (4) for a symlink, a file that is no file, or one of another user
 */
export async function readPrivateFile(path: string, host: AuthHost): Promise<string | undefined> {
  const aside = `look at it, then put it aside: mv ${path} ${path}.aside`;
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const isLink = await lstat(path).then(
      (entry) => entry.isSymbolicLink(),
      () => false,
    );
    if (isLink) throw unsafe(path, 'it is a symlink, which may lead anywhere', aside);
    throw unsafe(path, `it cannot be read (${code})`, aside);
  }
  try {
    const entry = await handle.stat();
    if (!entry.isFile()) throw unsafe(path, 'it is not a file', aside);
    if (hasModes(host)) {
      if (entry.uid !== host.io.uid) {
        throw unsafe(
          path,
          `it belongs to user ${entry.uid}, and rig runs as ${host.io.uid}`,
          `run rig as that user, or set XDG_DATA_HOME`,
        );
      }
      if ((entry.mode & 0o077) !== 0) {
        await handle.chmod(0o600);
        host.output.warn(
          'RIG_CREDENTIALS_MODE',
          `${path} could be read by others (${octal(entry.mode)}): it is 0600 now; if others use this machine, sign in anew: rig logout, then rig login`,
        );
      }
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Replaces a file that holds secrets in one step: after a crash there is the old one or the new one. Call it under a lock. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  try {
    await removeLeftovers(path);
    await replaceFile(path, text, { mode: 0o600 });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
