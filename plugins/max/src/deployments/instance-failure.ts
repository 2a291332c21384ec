import type { DeploymentFailure, InstanceFailureCode } from '@rig/plugin-api/max';
import { DeploymentError } from '../build/failure.ts';
import type { Diagnosis } from './exit-diagnosis.ts';

/** An instance failed before it was healthy; a deployment that waits for it cannot go on. */
export class InstanceError extends DeploymentError {
  /** What it did, without its name. */
  readonly what: string;
  declare readonly instance: InstanceFailureCode;

  constructor(init: {
    name: string;
    what: string;
    code: DeploymentFailure['code'];
    instance: InstanceFailureCode;
    fix: string;
    lines?: string[];
    openPorts?: number[];
  }) {
    super({ ...init, reason: `${init.name} ${init.what}` });
    this.what = init.what;
  }
}

/** The process ended before it counted as healthy; one without a port only has to go on running. */
export function crashedAtStart(init: {
  name: string;
  port: number | null;
  diagnosis: Diagnosis;
  lines: string[];
}): InstanceError {
  const { name, port, diagnosis, lines } = init;
  const when = port === null ? 'right after its start, and is to go on running' : 'before it answered';
  const tried = `try it on your machine ${port === null ? 'without' : 'with'} PORT set`;
  return new InstanceError({
    name,
    what: `ended (${diagnosis.how}) ${when}`,
    code: 'RIG_INSTANCE_CRASHED',
    instance: diagnosis.code,
    fix:
      diagnosis.code === 'RIG_OUT_OF_MEMORY'
        ? 'let it use less memory, or give it more (--max-old-space-size for Node), and deploy again'
        : `see what it said before its end; ${tried}, correct it and deploy again`,
    lines,
  });
}

/** The process could not be started at all. */
export function notStarted(name: string, error: Error): InstanceError {
  return new InstanceError({
    name,
    what: `could not be started: ${error.message}`,
    code: 'RIG_INSTANCE_CRASHED',
    instance: 'RIG_INSTANCE_CRASHED',
    fix: 'deploy again; if that does not help, see: rig max logs',
  });
}

/** What is known of an instance that did not get healthy in time. */
export interface Unhealthy {
  name: string;
  /** `api.shop` */
  app: string;
  port: number;
  healthcheck: string | null;
  limitMs: number;
  /** What the last look found, where something answered. */
  why: string | undefined;
  openPorts: number[];
  lines: string[];
}

/** The process runs, and does not answer where it should. */
export function notHealthy({ name, app, port, healthcheck, limitMs, why, openPorts, lines }: Unhealthy): InstanceError {
  const others = openPorts.filter((open) => open !== port);
  const within = `within ${Math.round(limitMs / 1000)} s`;
  const common = { name, code: 'RIG_NOT_HEALTHY', lines, openPorts: others } as const;
  if (why !== undefined) {
    return new InstanceError({
      ...common,
      what: `was not healthy ${within}: ${why}`,
      instance: 'RIG_HEALTHCHECK_FAILED',
      fix: `make ${healthcheck ?? 'it'} answer with a status from 200 to 399, or choose another path: rig update app ${app} --healthcheck PATH`,
    });
  }
  const ports = others.length === 1 ? `port ${others[0]}` : `the ports ${others.join(', ')}`;
  return new InstanceError({
    ...common,
    what:
      others.length === 0
        ? `opened no port ${within}; Max waited for port ${port}, which PORT in its environment names`
        : `listens on ${ports}, and not on port ${port}, which PORT in its environment names`,
    instance: others.length === 0 ? 'RIG_BOOT_TIMEOUT' : 'RIG_PORT_NOT_OPENED',
    fix: `let it listen on the port that the environment variable PORT names, and deploy again${
      others.length === 0 ? `; one that needs longer gets it by: rig update app ${app} --health-timeout 2m` : ''
    }`,
  });
}
