import type { Http } from '@rig/plugin-api';
import { appPath, type Build, type Deployment, type Release } from '@rig/plugin-api/max';
import { type Ref, unknown } from './apps.ts';
import { explain } from './explain.ts';
import { take } from './take.ts';

/** How many entries of a history are listed unless `--limit` says otherwise. */
export const HISTORY_LIMIT = 20;

const newest = <T>(http: Http, ref: Ref, what: string, limit: number): Promise<T[]> =>
  explain(unknown(ref), () => take(http.pages<T>(`${appPath(ref)}/${what}`), limit));

/** The last builds of an app, newest first. */
export function listBuilds(http: Http, ref: Ref, limit: number): Promise<Build[]> {
  return newest<Build>(http, ref, 'builds', limit);
}

/** The last deployments of an app, newest first. */
export function listDeployments(http: Http, ref: Ref, limit: number): Promise<Deployment[]> {
  return newest<Deployment>(http, ref, 'deployments', limit);
}

/** The last releases of an app, newest first. */
export function listReleases(http: Http, ref: Ref, limit: number): Promise<Release[]> {
  return newest<Release>(http, ref, 'releases', limit);
}
