import { DeploymentError } from '../build/failure.ts';

/** Max ended, or was ended, amid a deployment. */
export function interrupted(why: string): DeploymentError {
  return new DeploymentError({ code: 'RIG_DEPLOY_INTERRUPTED', reason: why, fix: 'deploy again: rig deploy' });
}
