import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ExitCode, RigError, type Services } from '@rig/plugin-api';
import {
  type AppState,
  type AppStatus,
  appPath,
  type Deployment,
  type Started,
  type Stopped,
} from '@rig/plugin-api/max';
import { appStatus, getApp, type Ref, unknown } from './apps.ts';
import { awaitRelease } from './config/await-release.ts';
import { explain } from './explain.ts';
import { fullName } from './names.ts';

const POLL_MS = 250;

/** What a restart gives back. */
export interface RestartedApp {
  app: string;
  network: string;
  /** Number of the release that serves now. */
  release: number | null;
  deployment: string;
}

/** What a scale gives back. */
export interface ScaledApp extends RestartedApp {
  /** How many instances are to run now, by the process types that were named. */
  formation: Readonly<Record<string, number>>;
  /** Whether the app is stopped, so that the numbers hold once it is started. */
  stopped: boolean;
}

/** What a stop gives back. */
export interface StoppedApp {
  app: string;
  network: string;
  /** Whether it was stopped before. */
  already: boolean;
}

/** What a start gives back. */
export interface StartedApp {
  app: string;
  network: string;
  /** Whether it was not stopped. */
  already: boolean;
  state: AppState;
  release: number | null;
  /** `null` where nothing had to be done. */
  deployment: string | null;
}

async function post<T>(services: Services, ref: Ref, route: string, json?: unknown): Promise<T> {
  const http = await services.http();
  const sent = { idempotencyKey: randomUUID(), ...(json === undefined ? {} : { json }) };
  return explain(unknown(ref), () => http.post<T>(`${appPath(ref)}/${route}`, sent));
}

/** Starts what serves anew, and waits until it serves. */
export async function restart(services: Services, ref: Ref): Promise<RestartedApp> {
  const started = await post<Deployment>(services, ref, 'restart');
  const { id, release } = await awaitRelease(services, await services.http(), ref, started);
  return { app: ref.app, network: ref.network, release, deployment: id };
}

/** Runs other numbers of instances, and waits until they run. */
export async function scale(
  services: Services,
  ref: Ref,
  formation: Readonly<Record<string, number>>,
): Promise<ScaledApp> {
  const started = await post<Deployment>(services, ref, 'scale', { formation });
  const { id, release, stopped } = await awaitRelease(services, await services.http(), ref, started);
  return { app: ref.app, network: ref.network, release, deployment: id, formation, stopped };
}

/** Stops an app, and waits until nothing of it runs. */
export async function stop(services: Services, ref: Ref): Promise<StoppedApp> {
  const { already } = await post<Stopped>(services, ref, 'stop');
  const { signal, output } = services;
  const http = await services.http();
  let said = false;
  for (;;) {
    const { app, instances } = await appStatus(http, ref).catch((error: unknown): AppStatus => {
      throw signal.aborted ? goesOn(ref) : error;
    });
    if (instances.length === 0 || app.state !== 'stopped') break;
    if (!said)
      output.note('No request reaches it any more; those under way may end, within the time that the app has for that');
    said = true;
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) throw goesOn(ref);
  }
  return { app: ref.app, network: ref.network, already };
}

/** Starts an app that is stopped, and waits until it serves. */
export async function start(services: Services, ref: Ref): Promise<StartedApp> {
  const { already, deployment } = await post<Started>(services, ref, 'start');
  const http = await services.http();
  if (deployment !== null) await awaitRelease(services, http, ref, deployment);
  const { state, release } = await getApp(http, ref);
  return { app: ref.app, network: ref.network, already, state, release, deployment: deployment?.id ?? null };
}

const goesOn = (ref: Ref): RigError =>
  new RigError({
    code: 'RIG_INTERRUPTED',
    message: `interrupted here, but ${fullName(ref)} is stopped, and its instances end once their requests have`,
    hint: `see: rig status app ${fullName(ref)}`,
    exitCode: ExitCode.Interrupted,
  });
