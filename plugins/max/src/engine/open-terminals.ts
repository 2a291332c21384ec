import { existsSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** The only common shell that closes a descriptor above 9. */
const BASH = ['/bin/bash', '/usr/bin/bash'].find((path) => existsSync(path));

const open = new Set<number>();
let nothing: number | undefined;

/** What may stand for one descriptor of a program. */
type Descriptor = 'pipe' | 'ignore' | number;

/** Notes Max's end of a terminal until what it gives is called: the library that makes it lets every child inherit it. */
export function noteTerminal(fd: number): () => void {
  open.add(fd);
  return () => void open.delete(fd);
}

/**
 * Lets a program that is spawned with these descriptors find nothing in the place of Max's ends of terminals: one that outlives
 * a shell would keep its terminal open, and could read it.
 */
export function withoutTerminals<const Stdio extends readonly [Descriptor, Descriptor, Descriptor]>(
  stdio: Stdio,
): [...Stdio, ...Array<'ignore' | number>] {
  const others: Array<'ignore' | number> = [];
  if (open.size > 0) nothing ??= openSync(devNull, 'r+');
  for (let fd = stdio.length; fd <= Math.max(...open); fd += 1) others.push(open.has(fd) ? nothing! : 'ignore');
  return [...stdio, ...others];
}

/**
 * Makes the program of a terminal close Max's ends of the others before it runs, in the same process: its descriptors cannot be
 * chosen. Where no terminal is open, or there is no bash, it is as it was.
 */
export function closingTerminals(argv: readonly [string, ...string[]]): readonly [string, ...string[]] {
  if (open.size === 0 || BASH === undefined) return argv;
  const closing = [...open].map((fd) => `${fd}>&-`).join(' ');
  // -p: no file and no function of the environment is read.
  return [BASH, '-p', '-c', `exec ${closing}; exec "$@"`, 'max-close', ...argv];
}
