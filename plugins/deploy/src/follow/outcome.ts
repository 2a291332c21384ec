import { ExitCode, RigError } from '@rig/plugin-api';
import type { Deployment, DeploymentFailure } from '@rig/plugin-api/max';
import { fullName } from '../ensure-app.ts';

/** The ports that the process did open, unless the reason names them already. */
function openPorts({ reason, openPorts: ports }: DeploymentFailure): string {
  const untold = ports.filter((port) => !new RegExp(`\\b${port}\\b`).test(reason));
  return untold.length === 0
    ? ''
    : `; the process opened ${untold.length === 1 ? 'port' : 'ports'} ${untold.join(', ')}`;
}

/**
 * The error of a deployment that has ended badly: its code, reason, fix, last lines and open ports.
 *
 * @param shown the last lines of the build's log that stand right above it: the same ones are not said again
 */
export function deployFailure(deployment: Deployment, shown: readonly string[] = []): RigError {
  const name = fullName(deployment);
  const { failure } = deployment;
  if (deployment.state === 'cancelled' || failure === null) {
    const cancelled = deployment.state === 'cancelled';
    return new RigError({
      code: cancelled ? 'RIG_DEPLOY_CANCELLED' : 'RIG_DEPLOY_FAILED',
      message: `deployment ${deployment.id} of ${name} ${cancelled ? 'was cancelled' : 'failed without a reason'}`,
      hint: `what serves now: rig status app ${name}`,
      details: { deployment },
    });
  }
  const isNews = failure.lines.some((line) => !shown.includes(line));
  return new RigError({
    code: failure.code,
    message: `deployment ${deployment.id} of ${name} failed: ${failure.reason}${openPorts(failure)}`,
    hint: failure.fix,
    ...(isNews ? { lines: failure.lines } : {}),
    details: { deployment },
  });
}

/** Ctrl-C after the deployment was made: it goes on, and this says where to look. */
export function interruptedDeploy(deployment: Deployment): RigError {
  const name = fullName(deployment);
  return new RigError({
    code: 'RIG_INTERRUPTED',
    message: `interrupted here, but deployment ${deployment.id} of ${name} goes on in Max (it was ${deployment.state})`,
    hint: `follow it: rig deploy attach ${deployment.id} --app ${name}; or end it: rig deploy cancel ${deployment.id} --app ${name}`,
    exitCode: ExitCode.Interrupted,
    details: { deployment },
  });
}

/** Ctrl-C before the deployment was made. */
export function interruptedUpload(): RigError {
  return new RigError({
    code: 'RIG_INTERRUPTED',
    message: 'interrupted: nothing was deployed',
    hint: 'what went up is kept for a day: deploy again, and only the rest is sent',
    exitCode: ExitCode.Interrupted,
  });
}
