import type { Http } from '@rig/plugin-api';
import { type App, type AppDetails, type AppStatus, appPath, type CreateApp, networkPath } from '@rig/plugin-api/max';
import { explain, type Hints } from './explain.ts';
import { fullName } from './names.ts';
import type { Deleted } from './networks.ts';
import { take } from './take.ts';

/** An app and the network it lives in. */
export interface Ref {
  app: string;
  network: string;
}

/** Hints for a network or an app that is not there. */
export function unknown(ref: { network: string }): Hints {
  return {
    RIG_NETWORK_NOT_FOUND: 'see which there are: rig list networks',
    RIG_APP_NOT_FOUND: `see which there are: rig list apps --network ${ref.network}`,
  };
}

/** Makes an app in a network that is there. */
export function createApp(http: Http, ref: Ref): Promise<App> {
  const body: CreateApp = { name: ref.app };
  const hints = {
    RIG_NETWORK_NOT_FOUND: `create it first: rig create network ${ref.network}`,
    RIG_NAME_TAKEN: `choose another name, or deploy to the one that is there: rig deploy --app ${fullName(ref)}`,
  };
  return explain(hints, () => http.post<App>(`${networkPath(ref.network)}/apps`, { json: body, idempotencyKey: true }));
}

/** The apps of one network, or of all of them, at most `limit`. */
export function listApps(http: Http, network: string | undefined, limit: number): Promise<App[]> {
  const path = network === undefined ? '/v1/apps' : `${networkPath(network)}/apps`;
  return explain({ RIG_NETWORK_NOT_FOUND: 'see which there are: rig list networks' }, () =>
    take(http.pages<App>(path), limit),
  );
}

/** One app. */
export function getApp(http: Http, ref: Ref): Promise<App> {
  return explain(unknown(ref), () => http.get<App>(appPath(ref)));
}

/** Stops an app and removes it with its releases and logs. */
export async function deleteApp(http: Http, ref: Ref): Promise<Deleted> {
  await explain(unknown(ref), () => http.request('DELETE', appPath(ref), { idempotencyKey: true }));
  return { deleted: 'app', name: fullName(ref) };
}

/** How an app fares: state, instances, last deployment, last events. */
export function appStatus(http: Http, ref: Ref): Promise<AppStatus> {
  return explain(unknown(ref), () => http.get<AppStatus>(`${appPath(ref)}/status`));
}

/** The whole configuration of an app. */
export function appDetails(http: Http, ref: Ref): Promise<AppDetails> {
  return explain(unknown(ref), () => http.get<AppDetails>(`${appPath(ref)}/details`));
}
