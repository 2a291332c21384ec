import { setTimeout as delay } from 'node:timers/promises';
import { ExitCode, type Http, isRigError, RigError, type Services } from '@rig/plugin-api';
import { appPath, type Deployment, FINAL_STATES } from '@rig/plugin-api/max';
import type { Ref } from '../apps.ts';
import { fullName } from '../names.ts';

const POLL_MS = 250;

/** Milliseconds without an answer of Max until the wait ends. */
const PATIENCE_MS = 60_000;

const goesOn = (ref: Ref, { id }: Deployment): RigError =>
  new RigError({
    code: 'RIG_INTERRUPTED',
    message: `interrupted here, but deployment ${id} of ${fullName(ref)} goes on in Max`,
    hint: `follow it: rig deploy attach ${id} --app ${fullName(ref)}; or end it: rig deploy cancel ${id} --app ${fullName(ref)}`,
    exitCode: ExitCode.Interrupted,
    details: { deployment: id },
  });

/** What goes on meanwhile. */
function noteOf({ kind, stopped }: Deployment): string {
  if (kind === 'scale') return stopped ? 'The app is stopped: no instance starts' : 'Those instances that run go on';
  if (kind === 'config' && stopped) return 'The app is stopped: a release is made, and no instance starts';
  return stopped ? 'Its instances start' : 'New instances start; the old ones serve until these answer';
}

/**
 * Waits until what a deployment is for has come about.
 *
 * @throws RigError of the deployment's failure, saying that the change is kept and what serves
 */
export async function awaitRelease(
  services: Services,
  http: Http,
  ref: Ref,
  started: Deployment,
  { pollMs = POLL_MS, patienceMs = PATIENCE_MS } = {},
): Promise<Deployment> {
  const { signal, output } = services;
  output.note(noteOf(started));
  let latest = started;
  let heardAt = performance.now();
  while (!FINAL_STATES.includes(latest.state)) {
    await delay(pollMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) throw goesOn(ref, started);
    try {
      latest = await http.get<Deployment>(`${appPath(ref)}/deployments/${started.id}`, { timeout: 10_000 });
      heardAt = performance.now();
    } catch (error) {
      if (signal.aborted) throw goesOn(ref, started);
      if (!isPassing(error) || performance.now() - heardAt >= patienceMs) throw error;
    }
  }
  if (latest.state === 'healthy') return latest;
  throw notReleased(ref, latest);
}

const isPassing = (error: unknown): boolean =>
  isRigError(error) && (error.exitCode === ExitCode.Unreachable || error.exitCode === ExitCode.TimedOut);

/** What holds after a deployment that was not to be. */
function keptOf({ kind, stopped }: Deployment): string {
  const runs = stopped
    ? 'the app stays stopped'
    : kind === 'scale'
      ? 'what ran before runs on'
      : 'the release before goes on serving';
  return kind === 'config' ? `the change is kept, and ${runs} without it` : runs;
}

function notReleased(ref: Ref, deployment: Deployment): RigError {
  const { id, state, failure } = deployment;
  const kept = keptOf(deployment);
  if (failure === null)
    return new RigError({
      code: 'RIG_DEPLOY_CANCELLED',
      message: `deployment ${id} of ${fullName(ref)} was ${state}; ${kept}`,
      hint:
        deployment.kind === 'scale' || deployment.kind === 'start'
          ? 'the same command again begins anew'
          : 'the next deploy, or the same command again, makes a release with it',
      details: { deployment },
    });
  return new RigError({
    code: failure.code,
    message: `deployment ${id} of ${fullName(ref)} failed: ${failure.reason}; ${kept}`,
    hint:
      deployment.kind === 'config'
        ? `correct the values and set them again; how it fares now: rig status app ${fullName(ref)}`
        : `how it fares now: rig status app ${fullName(ref)}; what it said: rig logs app ${fullName(ref)}`,
    lines: failure.lines,
    details: { deployment },
  });
}
