import { type AppRef, ExitCode, type Http, isRigError, RigError } from '@rig/plugin-api';
import { appPath, type Deployment, type Page } from '@rig/plugin-api/max';
import { fullName } from './ensure-app.ts';

/**
 * The deployment of that id, else the last one of the app.
 *
 * @throws RigError `RIG_DEPLOYMENT_NOT_FOUND`, `RIG_APP_NOT_FOUND`, `RIG_NETWORK_NOT_FOUND` (3)
 */
export async function findDeployment(http: Http, ref: AppRef, id: string | undefined): Promise<Deployment> {
  const base = `${appPath(ref)}/deployments`;
  const hint = `see which there are: rig list deployments --app ${fullName(ref)}`;
  if (id === undefined) {
    const page = await http.get<Page<Deployment>>(base, { query: { limit: 1 } });
    const [last] = page.items;
    if (last !== undefined) return last;
    throw new RigError({
      code: 'RIG_DEPLOYMENT_NOT_FOUND',
      message: `nothing of ${fullName(ref)} was deployed yet`,
      hint: `make a deployment: rig deploy --app ${fullName(ref)}`,
      exitCode: ExitCode.NotFound,
    });
  }
  try {
    return await http.get<Deployment>(`${base}/${encodeURIComponent(id)}`);
  } catch (error) {
    if (!isRigError(error) || error.code !== 'RIG_DEPLOYMENT_NOT_FOUND') throw error;
    throw new RigError({ code: error.code, message: error.message, hint, exitCode: error.exitCode, cause: error });
  }
}
