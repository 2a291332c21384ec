import type { Services } from '@rig/plugin-api';
import type { Deployment } from '@rig/plugin-api/max';
import { followDeployment } from './follow/follow-deployment.ts';
import { deployFailure, interruptedDeploy } from './follow/outcome.ts';
import { deployFinished } from './hooks.ts';

/** Lines of the build's log that are remembered as shown: more than a failure quotes. */
const SHOWN = 100;

/**
 * Follows a deployment to its end and tells the taps how it ended.
 *
 * @throws RigError `RIG_INTERRUPTED` (130) at Ctrl-C, or the deployment's own failure
 */
export async function finishDeployment(services: Services, started: Deployment): Promise<Deployment> {
  const { output, signal } = services;
  const shown: string[] = [];
  // With a form for programs nothing but the error is said, and so it has to say everything.
  const forPerson = output.format === 'table' || output.format === 'name';
  const onShown = (text: string): void => {
    if (forPerson && shown.push(text) > SHOWN) shown.shift();
  };
  const follow = async (): Promise<Deployment> =>
    followDeployment(started, {
      http: await services.http(),
      socket: await services.socket(),
      output,
      signal,
      onShown,
    });
  const ended = await follow().catch((error: unknown) => {
    if (signal.aborted) throw interruptedDeploy(started);
    throw error;
  });
  const { app, network, id, state, release, url, failure } = ended;
  if (state !== 'healthy' && state !== 'failed' && state !== 'cancelled') throw interruptedDeploy(ended);
  const told = { app, network, deployment: id, state, release, url, failure: failure?.code ?? null };
  await services.fire(deployFinished, told);
  if (state !== 'healthy') throw deployFailure(ended, shown);
  return ended;
}
