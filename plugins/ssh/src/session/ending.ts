import { constants } from 'node:os';
import { ExitCode, RigError } from '@rig/plugin-api';
import type { Session, SessionEnd } from '@rig/plugin-api/max';
import { sessionName } from './errors.ts';

/** How many milliseconds, for a person. */
function lasted(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** The exit code that a shell gives to a program: its own, or 128 and the number of the signal that ended it. */
export function exitCodeOf({ code, signal }: Pick<SessionEnd, 'code' | 'signal'>): number {
  if (signal === null) return code ?? ExitCode.Failed;
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

/**
 * The exit code of a session that ended by itself.
 *
 * @throws RigError where something else has ended it, with a code for each
 */
export function endedWith(session: Session, end: SessionEnd): number {
  const details = { session: session.id, end };
  const name = sessionName(session);
  const after = `after ${lasted(end.durationMs)}`;
  switch (end.reason) {
    case 'exited':
      return exitCodeOf(end);
    case 'stopped':
      throw new RigError({
        code: 'RIG_SESSION_STOPPED',
        message: `${name} was ended ${after}`,
        hint: 'begin another',
        exitCode: ExitCode.Interrupted,
        details,
      });
    case 'timeout':
      throw new RigError({
        code: 'RIG_SESSION_TIMEOUT',
        message: `${name} took longer than it may, and was ended ${after}`,
        hint: 'give it more time with --timeout',
        exitCode: ExitCode.TimedOut,
        details,
      });
    case 'idle':
      throw new RigError({
        code: 'RIG_SESSION_IDLE',
        message: `${name} was ended ${after}: Max ends one in which nothing happens`,
        hint: 'begin another',
        exitCode: ExitCode.TimedOut,
        details,
      });
    case 'limit':
      throw new RigError({
        code: 'RIG_SESSION_LIMIT',
        message: `${name} was ended ${after}: that is as long as Max lets one run`,
        hint: 'begin another',
        exitCode: ExitCode.TimedOut,
        details,
      });
    case 'abandoned':
      throw new RigError({
        code: 'RIG_SESSION_ABANDONED',
        message: `${name} was ended: there was no connection to it for longer than Max waits`,
        hint: 'begin another; whether Max is well: rig max status',
        exitCode: ExitCode.Unreachable,
        details,
      });
    case 'max-stopped':
      throw new RigError({
        code: 'RIG_SESSION_MAX_STOPPED',
        message: `${name} was ended ${after}: Max was stopped, and sessions end with it`,
        hint: 'begin another once it runs: rig max status',
        exitCode: ExitCode.Unreachable,
        details,
      });
    case 'failed':
      throw new RigError({
        code: 'RIG_SESSION_FAILED',
        message: `${name} failed: ${end.detail ?? 'Max gave no reason'}`,
        hint: 'see more in the log of Max: rig max logs',
        details,
      });
  }
}
