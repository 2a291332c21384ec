import { type AppRef, type Http, isRigError, RigError, type Services } from '@rig/plugin-api';
import { type App, appPath, networkPath } from '@rig/plugin-api/max';

/** How an app is written everywhere: `api.shop`. */
export function fullName(ref: { app: string; network: string }): string {
  return `${ref.app}.${ref.network}`;
}

const isNotThere = (error: unknown): error is RigError =>
  isRigError(error) && (error.code === 'RIG_NETWORK_NOT_FOUND' || error.code === 'RIG_APP_NOT_FOUND');

/** Gives the app, or the error that says it is not there. */
async function lookUp(http: Http, ref: AppRef): Promise<App | RigError> {
  try {
    return await http.get<App>(appPath(ref));
  } catch (error) {
    if (isNotThere(error)) return error;
    throw error;
  }
}

/** Makes something; that somebody else made it meanwhile is as good. */
async function make(http: Http, path: string, name: string): Promise<void> {
  try {
    await http.post(path, { json: { name }, idempotencyKey: true });
  } catch (error) {
    if (!isRigError(error) || error.code !== 'RIG_NAME_TAKEN') throw error;
  }
}

function notThere(error: RigError, ref: AppRef): RigError {
  return new RigError({
    code: error.code,
    message: error.message,
    hint: `make it as you deploy: rig deploy --create --app ${fullName(ref)}, or see which there are: rig list apps`,
    exitCode: error.exitCode,
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
    cause: error,
  });
}

/**
 * Makes sure that the app is there; `create` makes it, and its network, where they are missing.
 *
 * @returns what was made, e.g. `['network shop', 'app api.shop']`
 * @throws RigError `RIG_APP_NOT_FOUND`, `RIG_NETWORK_NOT_FOUND` (3) without `create`
 */
export async function ensureApp(http: Http, ref: AppRef, create: boolean): Promise<string[]> {
  const found = await lookUp(http, ref);
  if (!isRigError(found)) return [];
  if (!create) throw notThere(found, ref);
  const made: string[] = [];
  if (found.code === 'RIG_NETWORK_NOT_FOUND') {
    await make(http, '/v1/networks', ref.network);
    made.push(`network ${ref.network}`);
  }
  await make(http, `${networkPath(ref.network)}/apps`, ref.app);
  // A name that was taken by somebody else is no app of this user: then this says so.
  await http.get<App>(appPath(ref));
  made.push(`app ${fullName(ref)}`);
  return made;
}

/**
 * Writes app and network to the project file of the deployed folder, unless it has them. A folder that cannot be written
 * to can be deployed all the same: that is a warning.
 *
 * @returns whether it wrote
 */
export async function rememberApp(services: Services, ref: AppRef, root: string): Promise<boolean> {
  const config = await (await services.config()).at(root);
  const fromProject = (key: string, wanted: string): boolean =>
    config.origin(key)?.layer === 'project' && config.get(key) === wanted;
  if (fromProject('app', ref.app) && fromProject('network', ref.network)) return false;
  try {
    const file = await config.writeProject(root, { app: ref.app, network: ref.network });
    services.output.note(`Wrote app ${ref.app} and network ${ref.network} to ${file}`);
    return true;
  } catch (error) {
    if (!isRigError(error) || error.code !== 'RIG_CONFIG_WRITE') throw error;
    services.output.warn('RIG_CONFIG_WRITE', `${error.message}; next time name the app again: --app ${fullName(ref)}`);
    return false;
  }
}
