import { ProblemError } from '../http/problem-error.ts';
import type { AppRecord } from '../store/apps.ts';

/** One deployment of an app at a time: the refusal of a second one. */
export function inProgress(app: AppRecord, id: string | undefined): ProblemError {
  return new ProblemError(
    409,
    'RIG_DEPLOY_IN_PROGRESS',
    `the app ${app.name} is being deployed already${id === undefined ? '' : ` (${id})`}`,
    {
      fix: `wait for it: rig deploy attach --app ${app.name}.${app.network}; or end it: rig deploy cancel --app ${app.name}.${app.network}`,
    },
  );
}
