import { ExitCode, type Http, isRigError, RigError } from '@rig/plugin-api';
import { type App, appPath, type Build } from '@rig/plugin-api/max';

/** An app and the network it lives in. */
export interface Ref {
  app: string;
  network: string;
}

/** A log: its topic for following, its path for reading. */
export interface LogSource {
  topic: string;
  path: string;
}

async function explained<T>(ref: Ref, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isRigError(error) || (error.code !== 'RIG_APP_NOT_FOUND' && error.code !== 'RIG_NETWORK_NOT_FOUND'))
      throw error;
    throw new RigError({
      code: error.code,
      message: error.message,
      hint:
        error.code === 'RIG_APP_NOT_FOUND'
          ? `see which there are: rig list apps --network ${ref.network}`
          : 'see which there are: rig list networks',
      exitCode: error.exitCode,
      ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
      cause: error,
    });
  }
}

/** The log of an app. @throws RigError `RIG_APP_NOT_FOUND`, `RIG_NETWORK_NOT_FOUND` (3) */
export async function appLog(http: Http, ref: Ref): Promise<LogSource> {
  const app = await explained(ref, () => http.get<App>(appPath(ref)));
  return { topic: `logs:app:${app.id}`, path: `${appPath(ref)}/logs` };
}

async function lastBuild(http: Http, ref: Ref): Promise<string> {
  for await (const build of http.pages<Build>(`${appPath(ref)}/builds`, { limit: 1 })) return build.id;
  const name = `${ref.app}.${ref.network}`;
  throw new RigError({
    code: 'RIG_BUILD_NOT_FOUND',
    message: `the app ${name} has no builds yet`,
    hint: `make one: rig deploy --app ${name}`,
    exitCode: ExitCode.NotFound,
  });
}

/** The log of a build, the last one unless `build` says which. @throws RigError `RIG_BUILD_NOT_FOUND` (3) */
export async function buildLog(http: Http, ref: Ref, build: string | undefined): Promise<LogSource> {
  return explained(ref, async () => {
    const id = build ?? (await lastBuild(http, ref));
    const path = `${appPath(ref)}/builds/${encodeURIComponent(id)}`;
    if (build !== undefined) await http.get<Build>(path);
    return { topic: `logs:build:${id}`, path: `${path}/logs` };
  });
}
