import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../logs/say.ts';
import type { Apps } from '../store/apps.ts';
import type { AppRunner } from './app-runner.ts';
import type { AppRunners } from './app-runners.ts';
import type { BuildRows } from './build-rows.ts';
import type { Collector } from './collector.ts';
import type { DeploymentBoard } from './deployment-board.ts';
import type { DeploymentRows } from './deployment-rows.ts';
import { formationOf, instanceNames } from './formation.ts';
import { Instance } from './instance.ts';
import type { InstanceRow } from './instance-rows.ts';
import { interrupted } from './interrupted.ts';
import { clearInstance, endInstance, findProcess, keepEarlierOutput, type RecoverOptions } from './recover.ts';
import type { ReleaseRows } from './release-rows.ts';

/** How long the start of Max waits until an adopted instance answers. */
const ADOPTION_MS = 5_000;

/** What is taken over, and by whom. */
export interface TakeOverOptions extends RecoverOptions {
  apps: Apps;
  deployments: DeploymentRows;
  builds: BuildRows;
  releases: ReleaseRows;
  board: DeploymentBoard;
  /** One for each app that has a release. */
  runners: AppRunners;
  collector: Collector;
}

/**
 * Takes over what an earlier Max left: fails what it had begun, adopts the instances that still run, starts those again that
 * do not, and ends those that should not.
 */
export async function takeOver(options: TakeOverOptions): Promise<void> {
  const { rows, runners, apps } = options;
  await endInterrupted(options);
  // The removal of these is brought to its end later.
  const removed = new Set(apps.beingRemoved().map((app) => app.id));
  const found = rows.all().filter((row) => !removed.has(row.appId));
  const wanted = new Map(runners.entries().map(([appId]) => [appId, wantedOf(appId, options)]));
  await Promise.all(
    found.map((row) => {
      const { version } = runners.get(row.appId) ?? {};
      // Each name once: what is beyond the formation was about to join or to end when that Max did.
      const isWanted = row.retired === 0 && version === row.version && wanted.get(row.appId)?.delete(row.name);
      return isWanted ? takeOverInstance(runners.of(row.appId), row, options) : endInstance(row, options);
    }),
  );
  for (const [appId, names] of wanted) {
    const runner = runners.of(appId);
    for (const name of names) launch(runner, () => rows.create(appId, name, runner.version!));
  }
}

/** The names of the instances that an app is to have. */
function wantedOf(appId: string, { releases }: TakeOverOptions): Set<string> {
  const { formation, stopped } = releases.settings(appId);
  const release = releases.current(appId);
  return new Set(stopped || release === undefined ? [] : instanceNames(formationOf(release.processes, formation)));
}

/** What was under way is failed, with that reason; what was only queued begins later. */
async function endInterrupted({
  engine,
  builds,
  logs,
  deployments,
  apps,
  board,
  collector,
  report,
}: TakeOverOptions): Promise<void> {
  for (const build of builds.running()) {
    await engine.sweep(build.id);
    builds.end(build.id, 'failed');
    say(logs.build(build.id), 'the build was interrupted: Max ended', report);
    logs.endBuild(build.id);
  }
  for (const row of deployments.underWay()) {
    if (row.state === 'queued') continue;
    // Its release command may still run, that of an app which is being removed too.
    await engine.sweep(row.id);
    const app = apps.byId(row.appId);
    if (app === undefined) continue;
    const failure = interrupted(`Max ended while the deployment was ${row.state}`, row.kind, app).toFailure();
    board.change(app, row.id, { state: 'failed', failure });
    await collector.collect(app.id);
  }
}

async function takeOverInstance(runner: AppRunner, row: InstanceRow, options: TakeOverOptions): Promise<void> {
  const { engine, rows, report } = options;
  const found = findProcess(row, engine);
  if (found !== undefined) {
    let adopted: Promise<void> | undefined;
    runner.serve((context) => {
      const instance = new Instance(context, row);
      instance.adopt(found, row.run);
      adopted = instance.ready;
      return instance;
    });
    await keepEarlierOutput(row, options);
    report(`adopted ${row.name} of ${row.appId}, process ${row.pid}`);
    // What served before serves as soon as Max says that it is there; one that hangs does not hold up the rest.
    await Promise.race([adopted, delay(ADOPTION_MS, undefined, { ref: false })]);
    return;
  }
  await clearInstance(row, options);
  if (row.pid !== null) rows.ended(row.id, 'ended while Max was not there to see how', row.restarts);
  launch(runner, () => rows.byId(row.id)!);
}

function launch(runner: AppRunner, rowOf: () => InstanceRow): void {
  runner.serve((context) => {
    const instance = new Instance(context, rowOf());
    instance.launch({ dark: false });
    return instance;
  });
}
