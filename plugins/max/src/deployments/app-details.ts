import type { AppDetails } from '@rig/plugin-api/max';
import { describeProcess } from '../build/plan.ts';
import type { LogStore } from '../logs/log-store.ts';
import { formationOf } from './formation.ts';
import type { ReleaseRows } from './release-rows.ts';

/** The configuration of an app: what its release was built from, what it runs, what is kept. */
export function appDetails(appId: string, releases: ReleaseRows, logs: LogStore): Omit<AppDetails, 'app'> {
  const { currentVersion, healthcheck, formation: set } = releases.settings(appId);
  const release = currentVersion === null ? undefined : releases.byVersion(appId, currentVersion);
  const processes = Object.entries(release?.processes ?? {}).map(
    ([type, plan]) => [type, describeProcess(plan)] as const,
  );
  const formation = release === undefined ? {} : formationOf(release.processes, set);
  const { keptBytes, limits } = logs.app(appId);
  return {
    source: release === undefined ? null : { files: release.files, bytes: release.bytes, digest: release.digest },
    builder: release?.builder ?? null,
    processes: Object.fromEntries(processes),
    healthcheck,
    instances: Object.values(formation).reduce((sum, count) => sum + count, 0),
    formation,
    logs: { keptBytes, maxBytes: limits.maxBytes, maxAgeDays: limits.maxAgeDays },
  };
}
