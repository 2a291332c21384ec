import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type AppRef, ExitCode, type Http, isPassing, isRigError, RigError } from '@rig/plugin-api';
import { appPath, type CreateDeployment, type Deployment } from '@rig/plugin-api/max';
import { fullName } from './ensure-app.ts';

/** Pauses between the tries; the key makes sure that all of them make one deployment. */
const PAUSES = [250, 500, 1000, 2000, 4000, 8000];

/** The failure of a request that may have reached Max all the same. */
function uncertain(ref: AppRef, error: RigError): RigError {
  return new RigError({
    code: error.code,
    message: `${error.message}; whether the deployment has begun is not known`,
    hint: `see: rig list deployments --app ${fullName(ref)}`,
    exitCode: error.exitCode,
    cause: error,
  });
}

/** Starts the deployment, once, however often the request has to be sent. */
export async function createDeployment(
  http: Http,
  ref: AppRef,
  { upload, cache }: Required<CreateDeployment>,
  signal: AbortSignal,
  pauses: readonly number[] = PAUSES,
): Promise<Deployment> {
  const body: CreateDeployment = cache ? { upload } : { upload, cache };
  const idempotencyKey = randomUUID();
  for (let tries = 0; ; tries++) {
    try {
      return await http.post<Deployment>(`${appPath(ref)}/deployments`, { json: body, idempotencyKey });
    } catch (error) {
      if (!isRigError(error)) throw error;
      if (signal.aborted || error.exitCode === ExitCode.Interrupted) throw uncertain(ref, error);
      if (!isPassing(error)) throw error;
      const pause = pauses[tries];
      if (pause === undefined) throw uncertain(ref, error);
      await delay(pause, undefined, { signal }).catch(() => {
        throw uncertain(ref, error);
      });
    }
  }
}
