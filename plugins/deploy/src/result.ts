import type { DeploymentState } from '@rig/plugin-api/max';

/** What `rig deploy` gives back. */
export interface DeployResult {
  dryRun: false;
  app: string;
  network: string;
  /** Id of the deployment. */
  deployment: string;
  /** `healthy`, or with `--detach` where it stood when rig left it. */
  state: DeploymentState;
  /** Number of the release. */
  release: number | null;
  url: string;
  /** Files of the tree, and their bytes. */
  files: number;
  bytes: number;
  /** Bytes of content that Max lacked and that went up. */
  sentBytes: number;
}

/** What `rig deploy --dry-run` gives back. */
export interface DeployPlan {
  dryRun: true;
  app: string;
  network: string;
  files: number;
  bytes: number;
  /** Files whose content Max lacks. */
  missing: { files: number; bytes: number; paths: string[] };
}
