import { series, waterfall } from '@rig/plugin-api';

/** A deployment has ended, well or badly; fired once, before rig prints the result. */
export const deployFinished = series<{
  app: string;
  network: string;
  /** Id of the deployment, `dep_…`. */
  deployment: string;
  state: 'healthy' | 'failed' | 'cancelled';
  /** Number of the release, `null` where there is none. */
  release: number | null;
  url: string;
  /** Stable code of the failure, `null` where it is healthy. */
  failure: string | null;
}>('deploy:finished');

/** A file that is about to go up. */
export interface DeployFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * The files that are about to go up, all of them at once, before they are read: a tap may give back fewer, or throw to
 * stop the deploy. A file that was not in the list is not added.
 */
export const deployFiles = waterfall<{
  /** The deployed folder, absolute. */
  readonly root: string;
  readonly files: readonly DeployFile[];
}>('deploy:files', { onFailure: 'abort' });
