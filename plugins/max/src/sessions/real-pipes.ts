import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** The output of a program: Max's ends, and the descriptors that the program is started with. */
export interface RealPipes {
  stdout: Socket;
  stderr: Socket;
  /** Standard output and error of the program; to be closed here once it has them. */
  fds: readonly [number, number];
}

/**
 * Makes pipes for the output of a program, by names that are gone when this returns. What Node itself gives a
 * program are sockets, on which `/dev/stdout` and `/dev/stderr` cannot be opened. Its input stays a socket: a pipe of this
 * kind that has ended already could not be opened either, and whoever tries would wait for ever.
 *
 * @returns `undefined` where the system has no such pipes
 */
export function openRealPipes(tmp: string): RealPipes | undefined {
  const folder = mkdtempSync(join(tmp, 'pipes-'));
  const paths = [join(folder, 'stdout'), join(folder, 'stderr')] as const;
  const fds: number[] = [];
  const readers: Socket[] = [];
  try {
    if (spawnSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' }).status !== 0) return undefined;
    for (const path of paths) for (const flags of [O_RDONLY | O_NONBLOCK, O_WRONLY]) fds.push(openSync(path, flags));
    const [stdout, output, stderr, errors] = fds as [number, number, number, number];
    for (const fd of [stdout, stderr]) {
      readers.push(new Socket({ fd, readable: true, writable: false }));
      // It closes its own: a number that is closed twice may be somebody else's by then.
      fds.splice(fds.indexOf(fd), 1);
    }
    return { stdout: readers[0]!, stderr: readers[1]!, fds: [output, errors] };
  } catch {
    for (const reader of readers) reader.destroy();
    for (const fd of fds) closeSync(fd);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
