import { isRigError, RigError } from '@rig/plugin-api';
import { appPath } from '@rig/plugin-api/max';
import { openSession } from '../session/index.ts';
import { runningInstances } from './each-instance.ts';
import type { Detached } from './result.ts';
import type { RunInApp } from './run.ts';

/** Starts it, or on each instance, to go on by itself. */
export async function detach({ services, app, request }: RunInApp, all: boolean): Promise<Detached | Detached[]> {
  await services.output.target(`app ${app.app}.${app.network}`, app.origin);
  const instances = all ? await runningInstances(services, app) : [undefined];
  const started: Detached[] = [];
  try {
    for (const more of instances) {
      const on = more === undefined ? request : { ...request, instance: more };
      const {
        id,
        app: name,
        network,
        instance,
        release,
        argv,
        startedAt,
      } = await openSession(services, appPath(app), on);
      started.push({ id, app: name, network, instance, release, argv, startedAt });
    }
  } catch (error) {
    throw started.length > 0 || isInterrupted(error) ? halfDetached(error, started) : error;
  }
  const [first] = started as [Detached];
  services.output.note(`follow it: rig command attach ${first.id}; end it: rig command stop ${first.id}`);
  return all ? started : first;
}

const isInterrupted = (error: unknown): error is RigError => isRigError(error) && error.code === 'RIG_INTERRUPTED';

/** Some go on by themselves, and their ids must not be lost with the error; or it is not known whether one does. */
function halfDetached(error: unknown, started: readonly Detached[]): unknown {
  if (!isRigError(error)) return error;
  const { code, message, exitCode, requestId, details } = error;
  const known = started.length > 0 ? 'begun before' : 'whether it has begun is not known';
  return new RigError({
    ...{ code, exitCode, cause: error },
    message: `${message}; ${known}`,
    hint: 'see what runs: rig command list; end what is not to go on: rig command stop ID',
    ...(started.length > 0 ? { lines: started.map(({ id, instance }) => `${id}  ${instance}`) } : {}),
    ...(requestId === undefined ? {} : { requestId }),
    details: { ...details, started: started.map(({ id }) => id) },
  });
}
