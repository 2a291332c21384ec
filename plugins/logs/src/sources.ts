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

/** What mends an error whose thing the user named. */
function hintFor(code: string, ref: Ref): string | undefined {
  if (code === 'RIG_APP_NOT_FOUND') return `see which there are: rig list apps --network ${ref.network}`;
  if (code === 'RIG_NETWORK_NOT_FOUND') return 'see which there are: rig list networks';
  if (code === 'RIG_BUILD_NOT_FOUND') return `see which there are: rig list builds --app ${ref.app}.${ref.network}`;
  return undefined;
}

async function explained<T>(ref: Ref, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const hint = isRigError(error) ? hintFor(error.code, ref) : undefined;
    if (!isRigError(error) || hint === undefined) throw error;
    const { code, message, exitCode, requestId } = error;
    throw new RigError({
      code,
      message,
      hint,
      exitCode,
      ...(requestId === undefined ? {} : { requestId }),
      cause: error,
    });
  }
}

/** The log of an app. @throws RigError `RIG_APP_NOT_FOUND`, `RIG_NETWORK_NOT_FOUND` (3) */
export async function appLog(http: Http, ref: Ref): Promise<LogSource> {
  const app = await explained(ref, () => http.get<App>(appPath(ref)));
  return { topic: `logs:app:${app.id}`, path: `${appPath(ref)}/logs` };
}

async function lastBuild(http: Http, ref: Ref): Promise<string | undefined> {
  for await (const build of http.pages<Build>(`${appPath(ref)}/builds`, { limit: 1 })) return build.id;
  return undefined;
}

function noBuilds(ref: Ref): RigError {
  const name = `${ref.app}.${ref.network}`;
  return new RigError({
    code: 'RIG_BUILD_NOT_FOUND',
    message: `the app ${name} has no builds yet`,
    hint: `make one: rig deploy --app ${name}`,
    exitCode: ExitCode.NotFound,
  });
}

/** The log of a build, the last one unless `build` says which. @throws RigError `RIG_BUILD_NOT_FOUND` (3) */
export async function buildLog(http: Http, ref: Ref, build: string | undefined): Promise<LogSource> {
  const id = build ?? (await explained(ref, () => lastBuild(http, ref)));
  if (id === undefined) throw noBuilds(ref);
  const path = `${appPath(ref)}/builds/${encodeURIComponent(id)}`;
  if (build !== undefined) await explained(ref, () => http.get<Build>(path));
  return { topic: `logs:build:${id}`, path: `${path}/logs` };
}
