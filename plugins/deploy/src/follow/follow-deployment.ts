import type { Http, Output, Socket } from '@rig/plugin-api';
import { appPath, type Deployment } from '@rig/plugin-api/max';
import { fullName } from '../ensure-app.ts';
import { type BuildLog, followBuildLog } from './build-log.ts';
import { isFinal, watchDeployment } from './watch-deployment.ts';

/** What a deployment is followed with. */
export interface FollowOptions {
  http: Http;
  socket: Socket;
  output: Output;
  signal: AbortSignal;
  /** Gets each line of the build's log that was shown. */
  onShown?: (text: string) => void;
  patienceMs?: number;
  pollMs?: number;
}

/** What is said when a deployment enters a state. */
function phase(deployment: Deployment): string | undefined {
  switch (deployment.state) {
    case 'queued':
      return `Deployment ${deployment.id} is queued`;
    case 'building':
      return `Building ${fullName(deployment)}${deployment.buildId === null ? '' : ` (${deployment.buildId})`}`;
    case 'releasing':
      if (deployment.kind === 'scale') return 'Scaling: those instances that run go on';
      if (deployment.stopped) return deployment.kind === 'config' ? 'Releasing' : 'Starting its instances';
      return deployment.release === null
        ? 'Releasing: new instances start'
        : `Releasing: v${deployment.release} serves once its instances answer`;
    default:
      return undefined;
  }
}

/**
 * Follows a deployment to its end, showing phases and the build's log.
 *
 * @returns the last state that was seen: a final one, unless `signal` was aborted
 * @throws RigError `RIG_UNREACHABLE` (6) when Max stays silent for too long
 */
export async function followDeployment(first: Deployment, options: FollowOptions): Promise<Deployment> {
  const { http, socket, output } = options;
  const base = appPath(first);
  let log: BuildLog | undefined;
  let latest = first;
  let said: string | undefined;
  const note = (text: string): void => output.note(text);
  const interrupt = (): void => log?.stop();
  options.signal.addEventListener('abort', interrupt, { once: true });
  try {
    for await (const deployment of watchDeployment({
      ...options,
      path: `${base}/deployments/${first.id}`,
      first,
      note,
    })) {
      latest = deployment;
      const { state, buildId } = deployment;
      if (buildId !== null && log === undefined)
        log = followBuildLog({
          http,
          socket,
          buildId,
          path: `${base}/builds/${buildId}/logs`,
          print: (text) => {
            output.line(text);
            options.onShown?.(text);
          },
          onGap: (from, to) => output.note(`(lines ${from} to ${to} of the build log are gone)`),
        });
      if (state === 'releasing' || isFinal(deployment)) await log?.finish();
      const text = phase(deployment);
      if (text !== undefined && state !== said) output.note(text);
      said = state;
    }
    return latest;
  } finally {
    options.signal.removeEventListener('abort', interrupt);
    log?.stop();
  }
}
