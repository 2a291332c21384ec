import type { DeploymentKind } from '@rig/plugin-api/max';
import { DeploymentError } from '../build/failure.ts';
import type { AppRecord } from '../store/apps.ts';

const AGAIN = 'try again: what served before serves on';

const FIXES: Record<DeploymentKind, (app: string) => string> = {
  deploy: (app) => `deploy again: rig deploy --app ${app}`,
  rollback: (app) => `roll back again: rig rollback --app ${app}`,
  restart: () => AGAIN,
  scale: () => AGAIN,
  start: (app) => `start it again: rig start app ${app}`,
  config: () => 'the change is kept, and has no release yet: make it once more, or deploy',
};

/** Max ended, or was ended, amid a deployment of an app. */
export function interrupted(
  why: string,
  kind: DeploymentKind,
  { name, network }: Pick<AppRecord, 'name' | 'network'>,
): DeploymentError {
  return new DeploymentError({ code: 'RIG_DEPLOY_INTERRUPTED', reason: why, fix: FIXES[kind](`${name}.${network}`) });
}
