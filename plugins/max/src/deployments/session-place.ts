import { existsSync, mkdirSync } from 'node:fs';
import type { Instance } from '@rig/plugin-api/max';
import { ProblemError } from '../http/problem-error.ts';
import { blotter } from '../sessions/blot.ts';
import type { SessionPlace } from '../sessions/place.ts';
import type { AppRecord } from '../store/apps.ts';
import { codeFolder, sessionsFolder } from './folders.ts';
import { formationOf, instanceNames, WEB } from './formation.ts';
import { instanceEnvironment } from './instance-environment.ts';
import type { RuntimeParts } from './runtime-parts.ts';

/**
 * Finds where a session of an app runs: in the release of the instance that is named, or of the first that runs. Where none
 * runs, as the app is stopped or crashes, the release's folder and environment are there all the same, without a port.
 *
 * @throws ProblemError `RIG_INSTANCE_NOT_FOUND` (404), `RIG_NO_INSTANCE` (409)
 */
export function sessionPlace(parts: RuntimeParts, app: AppRecord, wanted: string | undefined): SessionPlace {
  const { paths, runners, holds, config, collector } = parts;
  const found = chooseInstance(runners.get(app.id)?.instances ?? [], wanted);
  const version = found?.release ?? restingVersion(parts, app);
  if (version === undefined) throw noInstance(app);
  const instance = found?.name ?? restingName(parts, app, version, wanted);
  const context = runners.of(app.id).context(version);
  const port = found?.port ?? null;
  return {
    ...{
      network: app.network,
      networkId: app.networkId,
      app: app.name,
      appId: app.id,
      instance,
      release: version,
      port,
    },
    cwd: context.codeFolder,
    sessionsFolder: sessionsFolder(paths, app.id),
    environment: (tmp) => {
      mkdirSync(context.homeFolder, { recursive: true, mode: 0o700 });
      return instanceEnvironment(context, { instance, port, tmp });
    },
    blot: (text) => {
      const newest = config.values(app.id, config.versions(app.id));
      return blotter([...Object.values(context.values()), ...Object.values(newest)])(text);
    },
    hold: () => {
      const release = holds.hold(app.id, version);
      return () => {
        release();
        void collector.collect(app.id).catch((error: Error) => parts.report(`${app.id}: ${error.message}`));
      };
    },
  };
}

/** The instance of that name; else the first that is healthy, or at least has a process. */
function chooseInstance(instances: readonly Instance[], wanted: string | undefined): Instance | undefined {
  if (wanted !== undefined) return instances.find(({ name }) => name === wanted);
  return (
    instances.find(({ state }) => state === 'healthy') ?? instances.find(({ pid }) => pid !== null) ?? instances[0]
  );
}

/** The release of an app that does not run: the one that would serve, else the newest whose folder is there. */
function restingVersion({ releases, paths }: RuntimeParts, app: AppRecord): number | undefined {
  const isThere = (buildId: string): boolean => existsSync(codeFolder(paths, buildId));
  const current = releases.current(app.id);
  if (current !== undefined && isThere(current.buildId)) return current.version;
  return releases.page(app.id, Number.MAX_SAFE_INTEGER, 10).find(({ buildId }) => isThere(buildId))?.version;
}

/** The name of an instance that an app has whose instances do not run. */
function restingName({ releases }: RuntimeParts, app: AppRecord, version: number, wanted: string | undefined): string {
  const { processes } = releases.byVersion(app.id, version)!;
  const names = instanceNames(formationOf(processes, releases.settings(app.id).formation));
  if (wanted === undefined) return names[0] ?? `${WEB}.1`;
  if (names.includes(wanted)) return wanted;
  throw new ProblemError(
    404,
    'RIG_INSTANCE_NOT_FOUND',
    `the app ${app.name}.${app.network} has no instance ${JSON.stringify(wanted)}`,
    { fix: `see its instances: rig status app ${app.name}.${app.network}` },
  );
}

function noInstance(app: AppRecord): ProblemError {
  return new ProblemError(409, 'RIG_NO_INSTANCE', `the app ${app.name}.${app.network} was never deployed`, {
    fix: `deploy it: rig deploy --app ${app.name}.${app.network}; how it fares: rig status app ${app.name}.${app.network}`,
  });
}
