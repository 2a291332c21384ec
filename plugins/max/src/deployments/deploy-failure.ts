import { DeploymentError, storageFull } from '../build/failure.ts';
import type { AppRecord } from '../store/apps.ts';
import { isDiskFull } from '../store/disk-errors.ts';
import type { DiskRoom } from '../store/disk-room.ts';

/** The upload of a deployment that has waited for too long. */
export function uploadGone(): DeploymentError {
  return new DeploymentError({
    code: 'RIG_INTERNAL',
    reason: 'the upload of this deployment is no longer there',
    fix: 'deploy again: rig deploy',
  });
}

/** Neither the build nor the whole source of a release is there. */
export function sourceGone(app: AppRecord, version: number): DeploymentError {
  return new DeploymentError({
    code: 'RIG_RELEASE_GONE',
    reason: `neither the build nor the whole source of v${version} of ${app.name} is kept any more`,
    fix: 'deploy that code again: rig deploy',
  });
}

/** What fails in a build while the disk has no room fails for that, whatever it says: it is room that mends it. */
export function blameDisk(error: unknown, room: DiskRoom): unknown {
  const isStep = error instanceof DeploymentError && error.code === 'RIG_BUILD_FAILED';
  if (!isStep) return isDiskFull(error) ? storageFull(room.lack() ?? room.full()) : error;
  const lack = room.lack();
  return lack === undefined ? error : storageFull(`${error.message}; ${lack}`, error.lines);
}

/** Makes whatever ended a deployment the failure that a person is told; the unexpected is reported too. */
export function asFailure(error: unknown, room: DiskRoom, report: (text: string) => void): DeploymentError {
  if (error instanceof DeploymentError) return error;
  if (isDiskFull(error)) return storageFull(room.full());
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENAMETOOLONG')
    return new DeploymentError({
      code: 'RIG_BUILD_FAILED',
      reason: `Max could not write the files of the app: ${message}`,
      fix: 'shorten that path and deploy again',
    });
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
