import { list } from '@rig/plugin-api';
import type { Build, Deployment, Release } from '@rig/plugin-api/max';
import { version, when } from './format.ts';

/** Builds as a table. */
export const buildList = list<Build>({
  columns: [
    { header: 'ID', value: (build) => build.id },
    { header: 'STATE', value: (build) => build.state },
    { header: 'BUILDER', value: (build) => build.builder },
    { header: 'STARTED', value: (build) => when(build.startedAt) },
    { header: 'ENDED', value: (build) => when(build.endedAt) },
  ],
  name: (build) => build.id,
  empty: 'No builds yet. The first deploy makes one: rig deploy --app APP.NETWORK',
});

/** Deployments as a table. */
export const deploymentList = list<Deployment>({
  columns: [
    { header: 'ID', value: (deployment) => deployment.id },
    { header: 'KIND', value: (deployment) => deployment.kind },
    { header: 'STATE', value: (deployment) => deployment.state },
    { header: 'RELEASE', value: (deployment) => version(deployment.release) },
    { header: 'CREATED', value: (deployment) => when(deployment.createdAt) },
    { header: 'REASON', value: (deployment) => deployment.failure?.reason },
  ],
  name: (deployment) => deployment.id,
  empty: 'No deployments yet. Make one: rig deploy --app APP.NETWORK',
});

/** Releases as a table. */
export const releaseList = list<Release>({
  columns: [
    { header: 'VERSION', value: (release) => version(release.version) },
    { header: 'CURRENT', value: (release) => (release.current ? 'yes' : null) },
    { header: 'CODE', value: (release) => release.code.digest.slice(0, 12) },
    { header: 'VARS', value: (release) => version(release.vars || null) },
    { header: 'SECRETS', value: (release) => version(release.secrets || null) },
    { header: 'CREATED', value: (release) => when(release.createdAt) },
    { header: 'DEPLOYMENT', value: (release) => release.deploymentId },
  ],
  name: (release) => `v${release.version}`,
  empty: 'No releases yet. Make one: rig deploy --app APP.NETWORK',
});
