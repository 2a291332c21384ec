import { BuildCaches } from '../build/cache/build-caches.ts';
import type { Engine } from '../engine/engine.ts';
import { ProcessEngine } from '../engine/process-engine.ts';
import type { LogLimits } from '../logs/log.ts';
import { LogStore } from '../logs/log-store.ts';
import type { RuntimeOptions } from '../runtime.ts';
import { DetachedRows } from '../sessions/detached/detached-rows.ts';
import { contextMaker } from './app-contexts.ts';
import { AppRunners } from './app-runners.ts';
import { BuildRows } from './build-rows.ts';
import { CodeBuilder } from './code-builder.ts';
import { Collector } from './collector.ts';
import { Deployer } from './deployer.ts';
import { DeploymentBoard } from './deployment-board.ts';
import { DeploymentRows } from './deployment-rows.ts';
import { InstanceRows } from './instance-rows.ts';
import { LogRetention, logLimitsOf } from './log-retention.ts';
import type { RecoverOptions } from './recover.ts';
import { ReleaseHolds } from './release-holds.ts';
import { ReleaseRows } from './release-rows.ts';
import type { Tuning } from './tuning.ts';
import { UnstoredOutput } from './unstored-output.ts';

/** What the runtime is composed of. */
export interface RuntimeParts extends RuntimeOptions {
  tuning: Tuning;
  deployments: DeploymentRows;
  builds: BuildRows;
  releases: ReleaseRows;
  instances: InstanceRows;
  logs: LogStore;
  retention: LogRetention;
  engine: Engine;
  unstored: UnstoredOutput;
  board: DeploymentBoard;
  runners: AppRunners;
  deployer: Deployer;
  caches: BuildCaches;
  /** What dealing with the instances of an earlier Max takes. */
  recovery: RecoverOptions;
  /** Writes a line to Max's own log. */
  report(text: string): void;
  collector: Collector;
  /** Releases whose folders sessions use. */
  holds: ReleaseHolds;
}

/** Makes the parts of a runtime and ties them together. */
export function makeParts(options: RuntimeOptions, tuning: Tuning): RuntimeParts {
  const { database, paths, events, apps } = options;
  const deployments = new DeploymentRows(database);
  const builds = new BuildRows(database);
  const releases = new ReleaseRows(database);
  const instances = new InstanceRows(database);
  const limitsOf = (appId: string): Partial<LogLimits> | undefined => {
    const app = apps.byId(appId);
    return app && logLimitsOf(app);
  };
  const logs = new LogStore(paths.logs, { app: limitsOf, build: (id) => limitsOf(builds.byId(id)?.appId ?? '') });
  const unstored = new UnstoredOutput(instances);
  const board = new DeploymentBoard(database, deployments, events);
  const engine = new ProcessEngine();
  const report = (text: string): void => options.log(text);
  const caches = new BuildCaches(paths.cache);
  const holds = new ReleaseHolds();
  const detached = new DetachedRows(database);
  const shared = {
    ...options,
    tuning,
    deployments,
    builds,
    releases,
    instances,
    logs,
    unstored,
    board,
    caches,
    holds,
    detached,
    report,
  };
  const runners = new AppRunners(contextMaker({ ...shared, engine }));
  const collector = new Collector({ ...shared, kept: tuning.keptReleases });
  const builder = new CodeBuilder(shared);
  const deployer = new Deployer({ ...shared, builder, runnerOf: (appId) => runners.of(appId), collector });
  const recovery = { paths, engine, rows: instances, logs, unstored, graceMs: tuning.graceMs, report };
  const retention = new LogRetention({ apps, builds, logs, report });
  return { ...shared, engine, retention, runners, deployer, recovery, collector };
}
