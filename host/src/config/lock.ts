import { randomBytes } from 'node:crypto';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { ExitCode, RigError } from '@rig/plugin-api';

/** Milliseconds between two looks at a lock that somebody holds. */
const POLL_MS = 20;
/** A lock is held for a few milliseconds; one this old was left behind by a rig that was killed. */
const STALE_MS = 8000;
/** Milliseconds to wait for locks that others keep taking. */
const PATIENCE_MS = 30_000;

/** A lock that is held. */
export interface Lock {
  /** Whether it is still ours: a process that was stopped for long may have lost it. */
  holds(): Promise<boolean>;
  release(): Promise<void>;
}

const failed = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

/**
 * Takes the lock of a file, `FILE.lock` beside it, waiting for whoever holds it.
 *
 * @throws RigError `RIG_CONFIG_LOCKED` (7)
 */
export async function lockFile(file: string): Promise<Lock> {
  const lock = `${file}.lock`;
  const mine = randomBytes(12).toString('hex');
  const until = performance.now() + PATIENCE_MS;
  while (!(await create(lock, mine))) {
    if (await isStale(lock)) await breakLock(lock);
    else if (performance.now() > until)
      throw new RigError({
        code: 'RIG_CONFIG_LOCKED',
        message: `other rigs keep writing ${file}; nothing was changed`,
        hint: `try again; if no other rig runs, remove ${lock}`,
        exitCode: ExitCode.TimedOut,
      });
    else await new Promise((resolve) => setTimeout(resolve, POLL_MS * (0.5 + Math.random())));
  }
  const holds = async (): Promise<boolean> => (await readFile(lock, 'utf8').catch(() => '')) === mine;
  return {
    holds,
    async release() {
      if (await holds()) await rm(lock, { force: true });
    },
  };
}

async function create(lock: string, content: string): Promise<boolean> {
  try {
    await writeFile(lock, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    // Windows says EPERM while a file of this name is being removed.
    if (failed(error) === 'EEXIST' || failed(error) === 'EPERM') {
      if (await exists(lock)) return false;
      if (failed(error) === 'EEXIST') return false;
    }
    throw error;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Compares with a file written now, so that the clock is the file system's own, also over a network. */
async function isStale(lock: string): Promise<boolean> {
  const held = await stat(lock).catch(() => undefined);
  if (!held || Math.abs(Date.now() - held.mtimeMs) < STALE_MS / 2) return false;
  const probe = `${lock}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(probe, 'wx', 0o600);
    const now = await handle.stat().finally(() => handle.close());
    return now.mtimeMs - held.mtimeMs > STALE_MS;
  } finally {
    await rm(probe, { force: true });
  }
}

/**
 * Removes a stale lock. Two that both saw it stale must not remove each other's new one: whoever breaks holds a lock on
 * breaking and looks once more.
 */
async function breakLock(lock: string): Promise<void> {
  const guard = `${lock}.break`;
  if (!(await create(guard, ''))) {
    // The guard is held for a moment only, unless its holder was killed as well.
    if (await isStale(guard)) await rm(guard, { force: true });
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return;
  }
  try {
    if (await isStale(lock)) await rm(lock, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}
