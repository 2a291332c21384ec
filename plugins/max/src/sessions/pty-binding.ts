import { createRequire } from 'node:module';

/**
 * The native half of node-pty. Its own JavaScript half is left aside: it writes so that the whole process hangs while a
 * program does not read its terminal, and drops what is unread 200 ms after the program's end.
 */
export interface PtyBinding {
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    columns: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helper: string,
    onExit: (code: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string };
  resize(fd: number, columns: number, rows: number): void;
}

let binding: { pty: PtyBinding; helper: string } | undefined;

/**
 * Loads it, at the first terminal.
 *
 * @throws Error for a person, where this system has none
 */
export function ptyBinding(): { pty: PtyBinding; helper: string } {
  if (binding !== undefined) return binding;
  const { platform, arch } = process;
  try {
    const load = createRequire(import.meta.url);
    const { requireBinary } = load('@lydell/node-pty/requireBinary.js') as {
      requireBinary(file: string): PtyBinding;
    };
    // The program that starts others on a Mac.
    const helper = platform === 'darwin' ? load.resolve(`@lydell/node-pty-${platform}-${arch}/spawn-helper`) : '';
    binding = { pty: requireBinary('pty.node'), helper };
    return binding;
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new Error(`Max has no terminals on ${platform}-${arch}: ${reason}`, { cause: error });
  }
}
