import { ExitCode, isRigError } from '@rig/plugin-api';

/** Tells whether a failure may be gone at the next try: a cut connection, a timeout, a busy Max, bytes spoilt on the way. */
export function isPassing(error: unknown): boolean {
  if (!isRigError(error)) return false;
  if (error.exitCode === ExitCode.Unreachable || error.exitCode === ExitCode.TimedOut) return true;
  return error.code === 'RIG_BUSY' || error.code === 'RIG_DIGEST_MISMATCH';
}
