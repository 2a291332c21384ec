import { readFile, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import type { SessionEnd } from '@rig/plugin-api/max';

/**
 * Runs a command and leaves its exit status in a file that is whole or not there: nobody may be there to be told of it.
 * Signals of the group end the command and not this shell, which outlives it to write; what the shell itself says of a
 * signal goes nowhere. Without its subshell `exec` and `cd` would be the shell's own.
 */
export const STATUS_RUNNER =
  'trap : HUP INT QUIT TERM USR1 USR2; exec 3>&2 2>/dev/null; status=$1; shift; (exec "$@" 2>&3 3>&-); code=$?; ' +
  'printf "%s\\n" "$code" >"$status.new" && mv "$status.new" "$status"; exit "$code"';

const AFTER_SIGNAL = 128;

/** How a program ended by what its shell says: above 128 a signal ended it. */
export function exitOf(status: number): Pick<SessionEnd, 'code' | 'signal'> {
  const number = status - AFTER_SIGNAL;
  const signal = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}

/** What a command left in its status file, and when; `undefined` where it did not come to that. */
export async function readExitStatus(path: string): Promise<{ status: number; at: Date } | undefined> {
  try {
    const [text, { mtime }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return /^\d{1,3}\n$/.test(text) ? { status: Number(text), at: mtime } : undefined;
  } catch {
    return undefined;
  }
}
