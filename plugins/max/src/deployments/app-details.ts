import type { AppDetails, LogLine } from '@rig/plugin-api/max';
import type { BuildCaches } from '../build/cache/build-caches.ts';
import { describeProcess } from '../build/plan.ts';
import type { Log } from '../logs/log.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { AppRecord } from '../store/apps.ts';
import { formationOf } from './formation.ts';
import type { ReleaseRows } from './release-rows.ts';

/** The configuration of an app: what its release was built from, what it runs, what is kept. */
export async function appDetails(
  app: AppRecord,
  { releases, logs, caches }: { releases: ReleaseRows; logs: LogStore; caches: BuildCaches },
): Promise<Omit<AppDetails, 'app'>> {
  const { formation: set } = releases.settings(app.id);
  const release = releases.current(app.id);
  const processes = Object.entries(release?.processes ?? {}).map(
    ([type, plan]) => [type, describeProcess(plan)] as const,
  );
  const formation = release === undefined ? {} : formationOf(release.processes, set);
  return {
    source: release === undefined ? null : { files: release.files, bytes: release.bytes, digest: release.digest },
    builder: release?.builder ?? null,
    processes: Object.fromEntries(processes),
    healthcheck: app.settings.healthcheck,
    instances: Object.values(formation).reduce((sum, count) => sum + count, 0),
    formation,
    logs: logDetails(logs.app(app.id)),
    buildCache: { bytes: await caches.bytesOf(app.id), maxBytes: caches.limits.appBytes },
  };
}

/** What is kept of a log, within which limits, from which line to which. */
function logDetails(log: Log): AppDetails['logs'] {
  const { keptBytes, limits } = log;
  const at = (seq: number): LogLine | undefined => log.read(seq - 1, { lines: 1 }).lines[0];
  const ends = [at(log.first), at(log.last)].map((line) =>
    line === undefined ? null : { seq: line.seq, at: line.at },
  );
  const [first = null, last = null] = ends;
  return { keptBytes, maxBytes: limits.maxBytes, maxAgeDays: limits.maxAgeDays, first, last };
}
