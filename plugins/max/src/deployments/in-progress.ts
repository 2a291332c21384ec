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

/** Nothing to start anew: the app has no release. */
export function nothingReleased(app: AppRecord): ProblemError {
  const name = `${app.name}.${app.network}`;
  return new ProblemError(409, 'RIG_NOTHING_RELEASED', `nothing of the app ${app.name} is released yet`, {
    fix: `deploy it first: rig deploy --app ${name}`,
  });
}
