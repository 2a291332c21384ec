import type { DeploymentKind } from '@rig/plugin-api/max';
import { DeploymentError } from '../build/failure.ts';

/** Max ended, or was ended, amid a deployment. */
export function interrupted(why: string, kind: DeploymentKind = 'deploy'): DeploymentError {
  const fix =
    kind === 'deploy'
      ? 'deploy again: rig deploy'
      : kind === 'rollback'
        ? 'roll back again: rig rollback'
        : kind !== 'config'
          ? 'try again: what served before serves on'
          : 'the change is kept, and has no release yet: make it once more, or deploy';
  return new DeploymentError({ code: 'RIG_DEPLOY_INTERRUPTED', reason: why, fix });
}
