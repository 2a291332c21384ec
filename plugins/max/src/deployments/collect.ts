import type { LogStore } from '../logs/log-store.ts';
import type { StatePaths } from '../store/state-paths.ts';
import type { BuildRows } from './build-rows.ts';
import type { InstanceRows } from './instance-rows.ts';
import type { ReleaseRows } from './release-rows.ts';
import { removeBuild } from './remove-build.ts';

/** Builds of an app that are remembered, with their logs. */
const REMEMBERED_BUILDS = 50;

/** What tells which folders are needed. */
export interface CollectOptions {
  paths: StatePaths;
  builds: BuildRows;
  releases: ReleaseRows;
  instances: InstanceRows;
  logs: LogStore;
  /** Release folders that are kept beside the one that serves. */
  kept: number;
}

/** Removes an app's release folders that nothing runs from, but for the last few, and the oldest builds with their logs. */
export async function collect(appId: string, options: CollectOptions): Promise<void> {
  const { paths, builds, releases, instances, logs, kept } = options;
  const used = new Set(instances.ofApp(appId).map((row) => row.version));
  const { currentVersion } = releases.settings(appId);
  if (currentVersion !== null) used.add(currentVersion);
  const needed = new Set([...used].map((version) => releases.byVersion(appId, version)?.buildId));
  // A build that has succeeded is about to be a release: it is one of the newest.
  let spare = kept;
  for (const build of builds.kept(appId)) {
    if (needed.has(build.id)) continue;
    if (build.state === 'succeeded' && spare > 0) {
      spare -= 1;
      continue;
    }
    await removeBuild(paths, build.id);
    builds.dropped(build.id);
  }
  for (const build of builds.olderThan(appId, REMEMBERED_BUILDS)) {
    if (needed.has(build.id) || build.state === 'running') continue;
    logs.removeBuild(build.id);
    builds.remove(build.id);
  }
}
