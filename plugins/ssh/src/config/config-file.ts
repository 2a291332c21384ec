import { lstat, mkdir, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { RigError } from '@rig/plugin-api';

/**
 * Reads ssh's configuration: each byte as a character, whatever its encoding, so that it is written back as it was. Empty
 * where there is none.
 *
 * @throws RigError `RIG_SSH_CONFIG_FILE`
 */
export async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw failed('read', file, error);
  }
}

/**
 * Replaces a file as a whole: after a crash there is the old one or the new one. A symlink is followed, permissions stay;
 * a new one is its user's alone, as ssh wants it.
 *
 * @throws RigError `RIG_SSH_CONFIG_FILE`
 */
export async function writeConfig(path: string, text: string): Promise<void> {
  const file = await linkedFile(path);
  const temporary = join(dirname(file), `.${basename(file)}.rig-${Date.now().toString(36)}`);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const before = await stat(file).catch(() => undefined);
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text, 'latin1');
      if (before !== undefined) await handle.chmod(before.mode & 0o777);
      // With sudo it stays its owner's, where that is allowed.
      if (before !== undefined) await handle.chown(before.uid, before.gid).catch(() => undefined);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw failed('written', file, error);
  }
}

/** The file behind a link, whether it is there yet or not. */
async function linkedFile(path: string): Promise<string> {
  let file = path;
  for (let hops = 0; hops < 40; hops += 1) {
    const entry = await lstat(file).catch(() => undefined);
    if (!entry?.isSymbolicLink()) break;
    file = resolve(dirname(file), await readlink(file));
  }
  return file;
}

const REASONS: Record<string, string> = {
  EACCES: 'you may not',
  EPERM: 'you may not',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'your quota is used up',
  EISDIR: 'it is a folder',
  ENOTDIR: 'its folder is a file',
  EEXIST: 'its folder is a file',
  ELOOP: 'it is a symlink to itself',
};

function failed(how: string, file: string, error: unknown): RigError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new RigError({
    code: 'RIG_SSH_CONFIG_FILE',
    message: `${file} cannot be ${how}: ${REASONS[code] ?? message}; nothing was changed`,
    hint: 'make it yours and writable, or paste the lines yourself: rig ssh config --print',
    cause: error,
  });
}
