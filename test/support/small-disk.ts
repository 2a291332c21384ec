import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { refuseSkip } from './tools.ts';

const MIB = 1024 * 1024;
/** With a user namespace nobody needs to be root. */
const NAMESPACES = process.getuid?.() === 0 ? ['-m'] : ['-U', '-r', '-m'];

/** A disk of a few MiB at a place in a home, that is there for the rigs of that home alone. */
export interface SmallDisk {
  /** Where the rigs of the home see it. */
  dir: string;
  /** Where the test itself sees it. */
  seen: string;
  /** Bytes that are free. */
  free(): number;
  /** Fills it up, but for so many bytes. */
  fill(leave?: number): void;
  /** Gives the room back. */
  empty(): void;
  /** Gives the disk up; whatever still uses it keeps it. */
  remove(): Promise<void>;
}

/** Why there can be no small disk here, or `false`; an error where nothing may be skipped. */
export function smallDiskUntestable(): string | false {
  if (process.platform !== 'linux') return 'a disk of its own for a test is mounted on Linux alone';
  const tried = spawnSync('unshare', [...NAMESPACES, 'mount', '-t', 'tmpfs', 'small', '/mnt']);
  if (tried.status === 0) return false;
  return refuseSkip('the system lets nobody mount a disk in a namespace of its own');
}

/**
 * Mounts a small disk in a namespace of its own, which from now on the rigs of the home run in: neither the machine nor
 * another test sees it.
 */
export async function mountSmallDisk(home: Home, name: string, size = 48 * MIB): Promise<SmallDisk> {
  const dir = join(home.dir, name);
  mkdirSync(dir, { recursive: true });
  const script = 'mount -t tmpfs -o "size=$1,mode=700" small "$2" && echo mounted && exec cat';
  // It holds the namespace for as long as its stdin is open: a test that dies leaves nothing behind.
  const holder = spawn('unshare', [...NAMESPACES, 'sh', '-c', script, 'small-disk', String(size), dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(() => Promise.reject(new Error(`no disk could be mounted at ${dir}`))),
  ]);
  const enter = NAMESPACES.includes('-U') ? ['-U', '--preserve-credentials'] : [];
  home.within = ['nsenter', '-t', String(holder.pid), ...enter, '-m', '--'];
  const seen = `/proc/${holder.pid}/root${dir}`;
  const ballast = join(seen, 'ballast');
  const free = (): number => {
    const { bavail, bsize } = statfsSync(seen);
    return bavail * bsize;
  };
  return {
    dir,
    seen,
    free,
    fill: (leave = 0) => fill(ballast, () => free() - leave),
    empty: () => rmSync(ballast, { force: true }),
    remove: async () => {
      delete home.within;
      holder.stdin.end();
      await ended;
    },
  };
}

function fill(ballast: string, left: () => number): void {
  const file = openSync(ballast, existsSync(ballast) ? 'a' : 'wx');
  try {
    for (let rest = left(); rest > 0; rest = left()) writeSync(file, Buffer.alloc(Math.min(rest, MIB)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}
