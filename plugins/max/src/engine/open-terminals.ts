import { existsSync } from 'node:fs';

/** The only common shell that closes a descriptor above 9. */
const BASH = ['/bin/bash', '/usr/bin/bash'].find((path) => existsSync(path));

const open = new Set<number>();

/** Notes Max's end of a terminal until what it gives is called: the library that makes it lets every child inherit it. */
export function noteTerminal(fd: number): () => void {
  open.add(fd);
  return () => void open.delete(fd);
}

/**
 * Makes a command close Max's ends of terminals before it runs, in the same process: one that outlives a shell would keep its
 * terminal open, and could read it. Where no terminal is open, or there is no bash, it is as it was.
 */
export function withoutTerminals(argv: readonly [string, ...string[]]): readonly [string, ...string[]] {
  if (open.size === 0 || BASH === undefined) return argv;
  const closing = [...open].map((fd) => `${fd}>&-`).join(' ');
  // -p: no file and no function of the environment is read.
  return [BASH, '-p', '-c', `exec ${closing}; exec "$@"`, 'max-close', ...argv];
}
