import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExitCode, isRigError, RigError } from '@rig/plugin-api';
import { unusable } from '../store/errors.ts';
import { commitRestore, restoreInterrupted } from '../store/restore-journal.ts';
import { claimStateFolder, removeRestoreLeftovers, removeState } from '../store/state-folder.ts';
import { isStateFolder, RESTORED_FOLDER, statePaths } from '../store/state-paths.ts';
import { readBackup, readHeader, type Sink } from './archive-reader.ts';
import { Extraction } from './extraction.ts';
import type { BackupHeader } from './format.ts';
import { prepareRestored } from './prepare-restored.ts';
import { relocateScripts } from './relocate.ts';

/** What is restored, and where to. */
export interface RestoreOptions {
  dir: string;
  file: string;
  signal: AbortSignal;
  onProgress(bytes: number): void;
}

/** What was restored. */
export interface Restored {
  /** When the backup was made. */
  createdAt: string;
  networks: number;
  apps: number;
  /** What its builds were made on, where that is not what this machine is. */
  otherPlatform: string | undefined;
}

/** Takes everything and keeps nothing: for a backup that is only verified. */
const NOWHERE: Sink = {
  add: () => undefined,
  file: () => ({ write: () => undefined, end: () => undefined, abort: () => undefined }),
};

/** Reads a whole backup and verifies it, without writing anything. */
export async function verify({ file, signal, onProgress }: Omit<RestoreOptions, 'dir'>): Promise<Restored> {
  try {
    const header = await readHeader(file, signal);
    const end = await readBackup(file, NOWHERE, { signal, onProgress });
    return told(header, end);
  } catch (error) {
    throw signal.aborted ? interrupted() : error;
  }
}

/**
 * Puts a backup in the place of what a state folder holds. The folder is as it was until the backup is there, whole and
 * verified; what it held is then in {@link REPLACED_FOLDER}, for whoever ends its apps and removes it.
 *
 * @throws RigError `RIG_MAX_RUNNING` (5), `RIG_STATE_DIR`, and what {@link readBackup} throws
 */
export async function restore({ dir, file, signal, onProgress }: RestoreOptions): Promise<Restored> {
  const header = await readHeader(file, signal).catch((error: unknown) => {
    throw signal.aborted ? interrupted() : error;
  });
  const isNew = !isStateFolder(dir);
  const folder = claimStateFolder(dir);
  const restored = join(dir, RESTORED_FOLDER);
  try {
    await removeRestoreLeftovers(dir);
    const extraction = new Extraction(file, restored);
    const end = await readBackup(file, extraction, { signal, onProgress });
    await prepareRestored(file, restored);
    relocateScripts(statePaths(restored).builds, header.stateDir, realpathSync(dir));
    extraction.end();
    await flush(restored);
    signal.throwIfAborted();
    commitRestore(dir);
    return told(header, end);
  } catch (error) {
    // Amid the renames both states are in these folders: whoever claims the state next brings them to their end.
    if (!restoreInterrupted(dir)) {
      await removeRestoreLeftovers(dir).catch(() => undefined);
      if (isNew) await removeState(folder).catch(() => undefined);
    }
    if (signal.aborted) throw interrupted();
    throw isRigError(error) || !(error as NodeJS.ErrnoException).syscall ? error : unusable(dir, error);
  } finally {
    folder.release();
  }
}

function told(header: BackupHeader, { networks, apps }: { networks: number; apps: number }): Restored {
  const here = `${platform()}-${arch()}`;
  const otherPlatform = header.platform === here ? undefined : header.platform;
  return { createdAt: header.createdAt, networks, apps, otherPlatform };
}

/** Brings what was extracted to disk before anything relies on it, in one go where the system has such a call. */
async function flush(dir: string): Promise<void> {
  if (platform() !== 'linux' || !existsSync(dir)) return;
  // Without it a power cut in the next seconds may cost files; a kill does not.
  await promisify(execFile)('sync', ['-f', dir]).catch(() => undefined);
}

function interrupted(): RigError {
  return new RigError({
    code: 'RIG_INTERRUPTED',
    message: 'interrupted; nothing was changed',
    exitCode: ExitCode.Interrupted,
  });
}
