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
  try {
    if (spawnSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' }).status !== 0) return undefined;
    for (const path of paths) fds.push(openSync(path, O_RDONLY | O_NONBLOCK), openSync(path, O_WRONLY));
    const [stdout, output, stderr, errors] = fds as [number, number, number, number];
    const reader = (fd: number): Socket => new Socket({ fd, readable: true, writable: false });
    return { stdout: reader(stdout), stderr: reader(stderr), fds: [output, errors] };
  } catch {
    for (const fd of fds) closeSync(fd);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
