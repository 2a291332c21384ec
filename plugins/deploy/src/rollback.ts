import { randomUUID } from 'node:crypto';
import { type AppRef, type Block, ExitCode, type Http, isRigError, RigError, value } from '@rig/plugin-api';
import { appPath, type Deployment, type Rollback, type RollbackPlan } from '@rig/plugin-api/max';
import type { DeploymentResult } from './ended.ts';
import { fullName } from './ensure-app.ts';

/** What `rig rollback --dry-run` gives back. */
export interface RollbackPreview extends RollbackPlan {
  dryRun: true;
  app: string;
  network: string;
}

/** Reads `--to v3` or `--to 3`. @throws RigError `RIG_BAD_OPTION` (2) */
export function parseVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const digits = /^v?([1-9]\d{0,8})$/.exec(text)?.[1];
  if (digits !== undefined) return Number(digits);
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: `--to must be a release such as v3, and is ${JSON.stringify(text)}`,
    hint: 'see which there are: rig list releases',
    exitCode: ExitCode.Usage,
  });
}

async function withHint<T>(ref: AppRef, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isRigError(error) || !/^RIG_RELEASE_(NOT_FOUND|CURRENT)$/.test(error.code)) throw error;
    const hint = `see which there are: rig list releases --app ${fullName(ref)}`;
    throw new RigError({ code: error.code, message: error.message, hint, exitCode: error.exitCode, cause: error });
  }
}

/** Asks what a rollback would change. */
export async function planRollback(http: Http, ref: AppRef, to: number | undefined): Promise<RollbackPreview> {
  const plan = await withHint(ref, () => http.get<RollbackPlan>(`${appPath(ref)}/rollback`, { query: { to } }));
  return { dryRun: true, app: ref.app, network: ref.network, ...plan };
}

/** Begins a rollback. */
export function startRollback(http: Http, ref: AppRef, to: number | undefined): Promise<Deployment> {
  const json: Rollback = to === undefined ? {} : { to };
  return withHint(ref, () => http.post<Deployment>(`${appPath(ref)}/rollback`, { json, idempotencyKey: randomUUID() }));
}

const names = ({ set, deleted }: { set: string[]; deleted: string[] }): string =>
  [...set.map((name) => `${name} as it was`), ...deleted.map((name) => `${name} goes`)].join(', ') || 'the same';

function rolledBack({ app, network, release, deployment, url }: DeploymentResult): Block[] {
  const fields: Array<[string, string | null]> = [
    ['release', release === null ? null : `v${release}`],
    ['deployment', deployment],
    ['url', url],
  ];
  return [`Rolled back ${app}.${network}`, { fields }];
}

/** The deployment of a rollback, or what it would change. */
export const rollbackView = value<DeploymentResult | RollbackPreview>(
  (result) => {
    if (!('dryRun' in result)) return rolledBack(result);
    const { app, network, from, to, code, rebuild, vars, secrets } = result;
    const same = code.from === code.to ? 'the same' : `${code.from.slice(0, 12)} becomes ${code.to.slice(0, 12)}`;
    return [
      {
        fields: [
          ['app', `${app}.${network}`],
          ['release', `a new one, made of v${to} in the place of v${from}`],
          ['code', same],
          ['build', rebuild ? `no longer kept: v${to} is built again from its source first` : 'kept'],
          ['vars', names(vars)],
          ['secrets', names(secrets)],
        ],
      },
      'Nothing was changed.',
    ];
  },
  (result) => ('dryRun' in result ? `v${result.to}` : result.deployment),
);
