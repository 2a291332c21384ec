import { ExitCode, isRigError } from '@rig/plugin-api';
import type { Session, SessionEnd } from '@rig/plugin-api/max';
import { endedWith, exitCodeOf } from '../session/index.ts';

/** Whether nobody saw how it ended: it was killed while Max was not there. */
export function isUnseen({ reason, code, signal }: SessionEnd): boolean {
  return reason === 'exited' && code === null && signal === null;
}

/** The exit code of the program; `undefined` where it has none. */
export function programCode(end: SessionEnd): number | undefined {
  return end.code === null && end.signal === null ? undefined : exitCodeOf(end);
}

/** What rig ends with after a command whose end is told as data. */
export function rigExitCode(session: Session, end: SessionEnd): number {
  try {
    return endedWith(session, end);
  } catch (error) {
    if (!isRigError(error)) throw error;
    return error.exitCode === ExitCode.Ok ? ExitCode.Failed : error.exitCode;
  }
}
