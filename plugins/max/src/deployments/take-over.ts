import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../logs/say.ts';
import type { Apps } from '../store/apps.ts';
import type { AppRunner } from './app-runner.ts';
import type { AppRunners } from './app-runners.ts';
import type { BuildRows } from './build-rows.ts';
import type { DeploymentBoard } from './deployment-board.ts';
import type { DeploymentRows } from './deployment-rows.ts';
import { Instance } from './instance.ts';
import type { InstanceRow } from './instance-rows.ts';
import { interrupted } from './interrupted.ts';
import { clearInstance, endInstance, findProcess, type RecoverOptions } from './recover.ts';
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
  collect(appId: string): Promise<void>;
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
  const taken = rows.all().filter((row) => !removed.has(row.appId));
  await Promise.all(taken.map((row) => takeOverInstance(row, options)));
  for (const [appId, runner] of runners.entries()) fill(appId, runner, options);
}

/** What was under way is failed, with that reason; what was only queued begins later. */
async function endInterrupted({
  engine,
  builds,
  logs,
  deployments,
  apps,
  board,
  collect,
  report,
}: TakeOverOptions): Promise<void> {
  for (const build of builds.running()) {
    await engine.sweep(build.id);
    builds.end(build.id, 'failed');
    say(logs.build(build.id), 'the build was interrupted: Max ended', report);
    logs.endBuild(build.id);
  }
  for (const row of deployments.underWay()) {
    const app = apps.byId(row.appId);
    if (row.state === 'queued' || app === undefined) continue;
    // Its release command may still run.
    await engine.sweep(row.id);
    const failure = interrupted(`Max ended while the deployment was ${row.state}`, row.kind).toFailure();
    board.change(app, row.id, { state: 'failed', failure });
    await collect(app.id);
  }
}

async function takeOverInstance(row: InstanceRow, options: TakeOverOptions): Promise<void> {
  const { runners, engine, rows, report } = options;
  const runner = runners.get(row.appId);
  if (runner === undefined || runner.version !== row.version || row.retired === 1) return endInstance(row, options);
  const found = findProcess(row, engine);
  if (found !== undefined) {
    let adopted: Promise<void> | undefined;
    runner.serve((context) => {
      const instance = new Instance(context, row);
      instance.adopt(found, row.run);
      adopted = instance.ready;
      return instance;
    });
    report(`adopted ${row.name} of ${row.appId}, process ${row.pid}`);
    // What served before serves as soon as Max says that it is there; one that hangs does not hold up the rest.
    await Promise.race([adopted, delay(ADOPTION_MS, undefined, { ref: false })]);
    return;
  }
  await clearInstance(row, options);
  if (row.pid !== null) rows.ended(row.id, 'ended while Max was not there to see how', row.restarts);
  launch(runner, () => rows.byId(row.id)!);
}

/** Starts what an app's release lacks of instances. */
function fill(appId: string, runner: AppRunner, { rows, releases }: TakeOverOptions): void {
  const names = new Set(runner.instances.map((instance) => instance.name));
  for (let index = 1; index <= releases.settings(appId).instances; index += 1) {
    const name = `web.${index}`;
    if (!names.has(name)) launch(runner, () => rows.create(appId, name, runner.version!));
  }
}

function launch(runner: AppRunner, rowOf: () => InstanceRow): void {
  runner.serve((context) => {
    const instance = new Instance(context, rowOf());
    instance.launch({ dark: false });
    return instance;
  });
}
