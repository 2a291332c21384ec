import { closeSync, openSync, readFileSync, rmSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, RigError } from '@rig/plugin-api';
import type { Io } from './io.ts';

/** Who takes a lock. */
export interface LockOwner {
  io: Pick<Io, 'pid' | 'isAlive'>;
  /** Ends the waiting. */
  signal?: AbortSignal | undefined;
}

interface Holder {
  id: string;
  pid: number;
  host: string;
  /** When that process began, in the kernel's count: process ids are used again. */
  started: string | null;
}

// Between the making of a lock file and its content lies one system call: longer than that, its maker died in between.
const EMPTY_IS_DEAD_MS = 5000;

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function create(path: string, holder: Holder): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(fd, JSON.stringify(holder));
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return true;
}

/** Who holds a lock; `undefined` where the file is gone, `null` where it does not say. */
function holderOf(path: string): Holder | null | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : null;
  }
}

function isDead(path: string, holder: Holder | null, { io }: LockOwner): boolean {
  if (holder === null) {
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    return age > EMPTY_IS_DEAD_MS;
  }
  // Of a process on another machine that shares this folder nothing can be known.
  if (holder.host !== hostname()) return false;
  if (!io.isAlive(holder.pid)) return true;
  const started = startOf(holder.pid);
  return started !== null && holder.started !== null && started !== holder.started;
}

/** Removes the lock of a dead process; only one may do so at a time, or the second would remove the first one's new lock. */
function recover(path: string, mine: Holder, owner: LockOwner): void {
  const guard = `${path}.recover`;
  if (!create(guard, mine)) {
    const other = holderOf(guard);
    if (other !== undefined && isDead(guard, other, owner)) rmSync(guard, { force: true });
    return;
  }
  try {
    const holder = holderOf(path);
    if (holder !== undefined && isDead(path, holder, owner)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function busy(path: string, waitMs: number, what: string): RigError {
  const holder = holderOf(path);
  const who = holder ? `rig with process id ${holder.pid} on ${holder.host}` : 'another rig';
  return new RigError({
    code: 'RIG_LOCKED',
    message: `${who} has been at work on ${what} for more than ${Math.round(waitMs / 1000)} s`,
    hint: `try again; if no such process runs there, remove its lock: rm ${path}`,
    exitCode: ExitCode.TimedOut,
  });
}

/**
 * Does some work while no other rig of this user does work under the same lock; the lock of a process that died is taken over.
 *
 * @param path the lock file; its folder must be there
 * @param what names in messages what the lock guards, e.g. `the sign-in`
 * @throws RigError `RIG_LOCKED` (7) when it is held for longer than `waitMs`
 */
export async function withLock<T>(
  path: string,
  owner: LockOwner,
  { waitMs, what }: { waitMs: number; what: string },
  work: () => Promise<T>,
): Promise<T> {
  const mine: Holder = {
    id: `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`,
    pid: owner.io.pid,
    host: hostname(),
    started: startOf(owner.io.pid),
  };
  const until = Date.now() + waitMs;
  while (!create(path, mine)) {
    const holder = holderOf(path);
    if (holder === undefined) continue;
    if (isDead(path, holder, owner)) {
      recover(path, mine, owner);
      continue;
    }
    if (Date.now() > until) throw busy(path, waitMs, what);
    await sleep(15 + Math.random() * 20, undefined, { signal: owner.signal }).catch((cause: unknown) => {
      throw new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: ExitCode.Interrupted, cause });
    });
  }
  try {
    return await work();
  } finally {
    if (holderOf(path)?.id === mine.id) unlinkSync(path);
  }
}
