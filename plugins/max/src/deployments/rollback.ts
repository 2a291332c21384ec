import type { RollbackPlan } from '@rig/plugin-api/max';
import { ProblemError } from '../http/problem-error.ts';
import type { AppConfig } from '../store/app-config.ts';
import type { AppRecord } from '../store/apps.ts';
import type { Uploads } from '../store/uploads.ts';
import type { BuildRows } from './build-rows.ts';
import { nothingReleased } from './in-progress.ts';
import type { ReleaseRow, ReleaseRows } from './release-rows.ts';

/** What a rollback is planned with. */
export interface RollbackOptions {
  config: AppConfig;
  builds: BuildRows;
  releases: ReleaseRows;
  uploads: Uploads;
}

/**
 * Finds the release to go back to and says what would change: code, and the names of vars and secrets.
 *
 * @throws ProblemError `RIG_RELEASE_NOT_FOUND` (404), `RIG_NOTHING_RELEASED`, `RIG_RELEASE_CURRENT`, `RIG_RELEASE_GONE` (409)
 */
export function planRollback(options: RollbackOptions, app: AppRecord, to: number | undefined): RollbackPlan {
  const { config, builds, releases, uploads } = options;
  const serving = releases.current(app.id);
  if (serving === undefined) throw nothingReleased(app);
  const target = targetOf(releases, app, serving, to);
  const name = `v${target.version}`;
  const see = { fix: `see which there are: rig list releases --app ${app.name}.${app.network}` };
  if (target.version === serving.version)
    throw new ProblemError(409, 'RIG_RELEASE_CURRENT', `${name} of ${app.name} is the release that serves`, see);
  const rebuild = !builds.isKept(target.buildId);
  if (rebuild && !uploads.has(target.uploadId)) {
    const gone = `neither the build nor the source of ${name} of ${app.name} is kept any more`;
    throw new ProblemError(409, 'RIG_RELEASE_GONE', gone, { fix: 'deploy that code again: rig deploy' });
  }
  const head = config.versions(app.id);
  return {
    from: serving.version,
    to: target.version,
    code: { from: serving.digest, to: target.digest },
    rebuild,
    vars: config.difference(app.id, 'var', head.vars, target.varVersion),
    secrets: config.difference(app.id, 'secret', head.secrets, target.secretVersion),
  };
}

function targetOf(releases: ReleaseRows, app: AppRecord, serving: ReleaseRow, to: number | undefined): ReleaseRow {
  if (to !== undefined) {
    const named = releases.byVersion(app.id, to);
    if (named === undefined) throw notFound(app, `the app ${app.name} has no release v${to}`);
    return named;
  }
  const before = releases.servedBefore(app.id, serving.version);
  if (before === undefined) throw notFound(app, `no release of ${app.name} has served before v${serving.version}`);
  return before;
}

function notFound(app: AppRecord, detail: string): ProblemError {
  return new ProblemError(404, 'RIG_RELEASE_NOT_FOUND', detail, {
    fix: `see which there are: rig list releases --app ${app.name}.${app.network}`,
  });
}
