import type { LogStore } from '../logs/log-store.ts';
import type { DetachedRows } from '../sessions/detached/detached-rows.ts';
import type { StatePaths } from '../store/state-paths.ts';
import type { BuildRows } from './build-rows.ts';
import type { DeploymentRows } from './deployment-rows.ts';
import type { InstanceRows } from './instance-rows.ts';
import type { ReleaseHolds } from './release-holds.ts';
import type { ReleaseRows } from './release-rows.ts';
import { removeBuild } from './remove-build.ts';

/** Builds of an app that are remembered, with their logs. */
const REMEMBERED_BUILDS = 50;

/** What tells which folders are needed. */
export interface CollectOptions {
  paths: StatePaths;
  builds: BuildRows;
  deployments: DeploymentRows;
  releases: ReleaseRows;
  instances: InstanceRows;
  holds: ReleaseHolds;
  detached: DetachedRows;
  logs: LogStore;
  /** Release folders that are kept beside the one that serves. */
  kept: number;
}

/** Removes what apps no longer need on disk, until Max ends. */
export class Collector {
  readonly #options: CollectOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(options: CollectOptions) {
    this.#options = options;
  }

  /** Removes what an app no longer needs; what is not removed by the end of Max is by the next. */
  async collect(appId: string): Promise<void> {
    const done = collect(appId, this.#options, this.#ending.signal);
    this.#running.add(done);
    await done.finally(() => this.#running.delete(done));
  }

  /** Begins nothing any more, and waits for what was begun: the database is closed then. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#running);
  }
}

/** Removes an app's release folders that nothing runs from, but for the last few, and the oldest builds with their logs. */
async function collect(appId: string, options: CollectOptions, ending: AbortSignal): Promise<void> {
  if (ending.aborted) return;
  const { paths, builds, deployments, releases, instances, holds, detached, logs, kept } = options;
  const used = new Set([
    ...instances.ofApp(appId).map((row) => row.version),
    ...holds.of(appId),
    ...detached.releasesInUse(appId),
  ]);
  const { currentVersion } = releases.settings(appId);
  if (currentVersion !== null) used.add(currentVersion);
  // What a deployment is about to start has no instance yet.
  const { version = null, ofVersion = null } = deployments.underWayOf(appId) ?? {};
  for (const about of [version, ofVersion]) if (about !== null) used.add(about);
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
    if (ending.aborted) return;
  }
  for (const build of builds.olderThan(appId, REMEMBERED_BUILDS)) {
    if (needed.has(build.id) || build.state === 'running') continue;
    logs.removeBuild(build.id);
    builds.remove(build.id);
  }
}
