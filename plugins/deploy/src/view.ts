import { type Block, formatBytes, value } from '@rig/plugin-api';
import type { DeployPlan, DeployResult } from './result.ts';

/** Paths that the table of a dry run shows; `-o json` has all of them. */
const SHOWN = 40;

function planBlocks({ app, network, files, bytes, missing }: DeployPlan): Block[] {
  const rest = missing.paths.length - SHOWN;
  return [
    {
      fields: [
        ['app', `${app}.${network}`],
        ['tree', `${files} files, ${formatBytes(bytes)}`],
        ['to send', `${missing.files} files, ${formatBytes(missing.bytes)}`],
      ],
    },
    ...missing.paths.slice(0, SHOWN).map((path) => `  ${path}`),
    ...(rest > 0 ? [`  and ${rest} more; all of them: rig deploy --dry-run -o json`] : []),
    'Nothing was changed.',
  ];
}

function resultBlocks(result: DeployResult): Block[] {
  const { app, network, release, deployment, state, url, files, bytes, sentBytes } = result;
  const underWay = state !== 'healthy';
  return [
    `Deployed ${app}.${network}`,
    {
      fields: [
        ['release', release === null ? null : `v${release}`],
        ['deployment', deployment],
        ['files', `${files}, ${formatBytes(bytes)} (${formatBytes(sentBytes)} sent)`],
        ['url', url],
      ],
    },
    ...(underWay ? [`It goes on in Max. Follow it: rig deploy attach ${deployment} --app ${app}.${network}`] : []),
  ];
}

/** The release and URL of a deploy, or what it would send. */
export const deployView = value<DeployResult | DeployPlan>(
  (result) => (result.dryRun ? planBlocks(result) : resultBlocks(result)),
  (result) => (result.dryRun ? `${result.app}.${result.network}` : result.deployment),
);
