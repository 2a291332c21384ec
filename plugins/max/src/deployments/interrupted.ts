import type { DeploymentKind } from '@rig/plugin-api/max';
import { DeploymentError } from '../build/failure.ts';

const AGAIN = 'try again: what served before serves on';

const FIXES: Record<DeploymentKind, string> = {
  deploy: 'deploy again: rig deploy',
  rollback: 'roll back again: rig rollback',
  restart: AGAIN,
  scale: AGAIN,
  start: 'start it again: rig start app',
  config: 'the change is kept, and has no release yet: make it once more, or deploy',
};

/** Max ended, or was ended, amid a deployment. */
export function interrupted(why: string, kind: DeploymentKind = 'deploy'): DeploymentError {
  return new DeploymentError({ code: 'RIG_DEPLOY_INTERRUPTED', reason: why, fix: FIXES[kind] });
}
