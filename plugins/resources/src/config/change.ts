import { randomUUID } from 'node:crypto';
import type { Http, Services } from '@rig/plugin-api';
import {
  appPath,
  type ConfigChange,
  type DeleteConfig,
  type Secret,
  type SetConfig,
  type Var,
} from '@rig/plugin-api/max';
import { type Ref, unknown } from '../apps.ts';
import { explain, type Hints } from '../explain.ts';
import { fullName } from '../names.ts';
import { take } from '../take.ts';
import { awaitRelease } from './await-release.ts';

/** Vars can be read again, secrets cannot. */
export type ConfigKind = 'var' | 'secret';

/** What a change of vars or secrets gives back: names alone. */
export interface ConfigResult {
  app: string;
  network: string;
  kind: ConfigKind;
  set: string[];
  unchanged: string[];
  deleted: string[];
  /** The release with it; `null` where it waits for the next deploy. */
  release: number | null;
  /** Id of the deployment that made the release. */
  deployment: string | null;
  /** Whether the app is stopped, so that the release serves only once it is started. */
  stopped: boolean;
}

const hints = (ref: Ref, kind: ConfigKind): Hints => ({
  ...unknown(ref),
  RIG_DEPLOY_IN_PROGRESS: `nothing was changed: wait until it has ended, see rig status app ${fullName(ref)}; or let it wait for the next deploy with --stage`,
  RIG_KEY_NOT_FOUND: `nothing was deleted; see which there are: rig list ${kind}s --app ${fullName(ref)}`,
});

async function change(
  services: Services,
  ref: Ref,
  kind: ConfigKind,
  path: string,
  json: SetConfig | DeleteConfig,
): Promise<ConfigResult> {
  const http = await services.http();
  const changed = await explain(hints(ref, kind), () =>
    http.post<ConfigChange>(`${appPath(ref)}/${path}`, { json, idempotencyKey: randomUUID() }),
  );
  const { set, unchanged, deleted, deployment } = changed;
  const ended = deployment === null ? null : await awaitRelease(services, http, ref, deployment);
  return {
    app: ref.app,
    network: ref.network,
    kind,
    set,
    unchanged,
    deleted,
    release: ended?.release ?? null,
    deployment: ended?.id ?? null,
    stopped: ended?.stopped ?? false,
  };
}

/** Sets values, and waits for the release with them. */
export function setConfig(
  services: Services,
  ref: Ref,
  kind: ConfigKind,
  values: ReadonlyMap<string, string>,
  stage: boolean,
): Promise<ConfigResult> {
  return change(services, ref, kind, `${kind}s`, { values: Object.fromEntries(values), stage });
}

/** Deletes names, and waits for the release without them. */
export function deleteConfig(
  services: Services,
  ref: Ref,
  kind: ConfigKind,
  names: readonly string[],
  stage: boolean,
): Promise<ConfigResult> {
  return change(services, ref, kind, `${kind}s/delete`, { names: [...names], stage });
}

/** The vars of an app by name, at most `limit`. */
export function listVars(http: Http, ref: Ref, limit: number): Promise<Var[]> {
  return explain(unknown(ref), () => take(http.pages<Var>(`${appPath(ref)}/vars`), limit));
}

/** The secrets of an app by name, at most `limit`: digests and dates. */
export function listSecrets(http: Http, ref: Ref, limit: number): Promise<Secret[]> {
  return explain(unknown(ref), () => take(http.pages<Secret>(`${appPath(ref)}/secrets`), limit));
}
