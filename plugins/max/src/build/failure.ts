import type { DeploymentFailure, InstanceFailureCode } from '@rig/plugin-api/max';

/** A deployment cannot go on: why, and what to do. */
export class DeploymentError extends Error {
  readonly code: DeploymentFailure['code'];
  readonly fix: string;
  readonly lines: string[];
  readonly openPorts: number[];
  /** What was wrong with the instance. */
  readonly instance: InstanceFailureCode | undefined;

  constructor(init: {
    code: DeploymentFailure['code'];
    reason: string;
    fix: string;
    lines?: string[];
    openPorts?: number[];
    instance?: InstanceFailureCode;
  }) {
    super(init.reason);
    this.name = 'DeploymentError';
    this.code = init.code;
    this.fix = init.fix;
    this.lines = init.lines ?? [];
    this.openPorts = init.openPorts ?? [];
    this.instance = init.instance;
  }

  /** The failure as the contract has it. */
  toFailure(): DeploymentFailure {
    const { code, message: reason, fix, lines, openPorts, instance } = this;
    return { code, reason, fix, lines, openPorts, ...(instance === undefined ? {} : { cause: instance }) };
  }
}

/** There is no room on the disk for it. */
export function storageFull(why: string, lines: string[] = []): DeploymentError {
  return new DeploymentError({
    code: 'RIG_STORAGE_FULL',
    reason: why,
    fix: 'make room on that disk (rig delete app removes an app with its builds), then deploy again',
    lines,
  });
}
