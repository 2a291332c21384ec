import { DeploymentError } from '../build/failure.ts';

/** The upload of a deployment that has waited for too long. */
export function uploadGone(): DeploymentError {
  return new DeploymentError({
    code: 'RIG_INTERNAL',
    reason: 'the upload of this deployment is no longer there',
    fix: 'deploy again: rig deploy',
  });
}

/** The tree cannot be laid out where Max keeps its state. */
function unwritable(why: string, remedy: string): DeploymentError {
  return new DeploymentError({
    code: 'RIG_BUILD_FAILED',
    reason: `Max could not write the files of the app: ${why}`,
    fix: `${remedy} and deploy again`,
  });
}

/** Makes whatever ended a deployment the failure that a person is told; the unexpected is reported too. */
export function asFailure(error: unknown, report: (text: string) => void): DeploymentError {
  if (error instanceof DeploymentError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return unwritable('there is no room left on the disk', 'make room there');
  if (code === 'ENAMETOOLONG') return unwritable(message, 'shorten that path');
  report(
    `a deployment failed unexpectedly: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  const reason = error instanceof Error ? error.message : String(error);
  return new DeploymentError({
    code: 'RIG_INTERNAL',
    reason,
    fix: 'deploy again; if it fails again, see: rig max logs',
  });
}
