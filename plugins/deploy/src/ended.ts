import { value } from '@rig/plugin-api';
import type { Deployment, DeploymentKind, DeploymentState } from '@rig/plugin-api/max';

/** How a deployment stands: what attach, cancel and rollback give back. */
export interface DeploymentResult {
  app: string;
  network: string;
  /** Id of the deployment. */
  deployment: string;
  kind: DeploymentKind;
  state: DeploymentState;
  /** Number of the release. */
  release: number | null;
  url: string;
}

/** The result of a deployment as it is now. */
export function resultOf({ app, network, id, kind, state, release, url }: Deployment): DeploymentResult {
  return { app, network, deployment: id, kind, state, release, url };
}

/** How a deployment stands. */
export const deploymentView = value<DeploymentResult>(
  ({ app, network, deployment, state, release, url }) => [
    {
      fields: [
        ['app', `${app}.${network}`],
        ['deployment', deployment],
        ['state', state],
        ['release', release === null ? null : `v${release}`],
        ['url', url],
      ],
    },
  ],
  ({ deployment }) => deployment,
);
