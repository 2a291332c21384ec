import { DeploymentError } from '../build/failure.ts';

/** The process of an instance that gets no requests ended before it counted as healthy. */
export function didNotStayUp(name: string, how: string, lines: string[]): DeploymentError {
  return new DeploymentError({
    code: 'RIG_INSTANCE_CRASHED',
    reason: `${name} ended (${how}) right after its start, and is to go on running`,
    fix: 'see what it said before its end; try it on your machine without PORT set, correct it and deploy again',
    lines,
  });
}

/** The process ended before it was healthy. */
export function crashedAtStart(name: string, how: string, lines: string[]): DeploymentError {
  return new DeploymentError({
    code: 'RIG_INSTANCE_CRASHED',
    reason: `${name} ended (${how}) before it answered`,
    fix: 'see what it said before its end; try it on your machine with PORT set, correct it and deploy again',
    lines,
  });
}

/** The process could not be started at all. */
export function notStarted(name: string, error: Error): DeploymentError {
  return new DeploymentError({
    code: 'RIG_INSTANCE_CRASHED',
    reason: `${name} could not be started: ${error.message}`,
    fix: 'deploy again; if that does not help, see: rig max logs',
  });
}

/** What is known of an instance that did not get healthy in time. */
export interface Unhealthy {
  name: string;
  port: number;
  healthcheck: string | null;
  limitMs: number;
  /** What the last look found, where something answered. */
  why: string | undefined;
  openPorts: number[];
  lines: string[];
}

/** The process runs, and does not answer where it should. */
export function notHealthy({ name, port, healthcheck, limitMs, why, openPorts, lines }: Unhealthy): DeploymentError {
  const others = openPorts.filter((open) => open !== port);
  const within = `within ${Math.round(limitMs / 1000)} s`;
  const code = 'RIG_NOT_HEALTHY';
  if (why !== undefined) {
    return new DeploymentError({
      code,
      reason: `${name} was not healthy ${within}: ${why}`,
      fix: `make ${healthcheck ?? 'it'} answer with a status from 200 to 399, or choose another path: rig update app --healthcheck PATH`,
      lines,
      openPorts: others,
    });
  }
  const ports = others.length === 1 ? `port ${others[0]}` : `the ports ${others.join(', ')}`;
  return new DeploymentError({
    code,
    reason:
      others.length === 0
        ? `${name} opened no port ${within}; Max waited for port ${port}, which PORT in its environment names`
        : `${name} listens on ${ports}, and not on port ${port}, which PORT in its environment names`,
    fix: `let it listen on the port that the environment variable PORT names, and deploy again${
      others.length === 0 ? '; one that needs longer gets it by: rig update app --health-timeout 2m' : ''
    }`,
    lines,
    openPorts: others,
  });
}
