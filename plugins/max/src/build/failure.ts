import type { DeploymentFailure } from '@rig/plugin-api/max';

/** A deployment cannot go on: why, and what to do. */
export class DeploymentError extends Error {
  readonly code: DeploymentFailure['code'];
  readonly fix: string;
  readonly lines: string[];
  readonly openPorts: number[];

  constructor(init: {
    code: DeploymentFailure['code'];
    reason: string;
    fix: string;
    lines?: string[];
    openPorts?: number[];
  }) {
    super(init.reason);
    this.name = 'DeploymentError';
    this.code = init.code;
    this.fix = init.fix;
    this.lines = init.lines ?? [];
    this.openPorts = init.openPorts ?? [];
  }

  /** The failure as the contract has it. */
  toFailure(): DeploymentFailure {
    return { code: this.code, reason: this.message, fix: this.fix, lines: this.lines, openPorts: this.openPorts };
  }
}
