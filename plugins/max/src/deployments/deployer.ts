import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from '../build/build.ts';
import { BuildLog } from '../build/build-log.ts';
import { DeploymentError } from '../build/failure.ts';
import type { BuildPlan } from '../build/plan.ts';
import type { ContentStore } from '../content/content-store.ts';
import { materialise } from '../content/materialise.ts';
import type { LogStore } from '../logs/log-store.ts';
import { say } from '../logs/say.ts';
import { removeTree } from '../remove-tree.ts';
import type { AppRecord, Apps } from '../store/apps.ts';
import type { StatePaths } from '../store/state-paths.ts';
import type { UploadRecord, Uploads } from '../store/uploads.ts';
import type { AppRunner } from './app-runner.ts';
import type { BuildRow, BuildRows } from './build-rows.ts';
import type { DeploymentBoard } from './deployment-board.ts';
import type { DeploymentRow } from './deployment-rows.ts';
import { buildFolder, codeFolder } from './folders.ts';
import type { ReleaseRow, ReleaseRows } from './release-rows.ts';
import { Slots } from './slots.ts';
import type { Tuning } from './tuning.ts';

/** What a deployer works with. */
export interface DeployerOptions {
  paths: StatePaths;
  apps: Apps;
  uploads: Uploads;
  content: ContentStore;
  builds: BuildRows;
  releases: ReleaseRows;
  board: DeploymentBoard;
  logs: LogStore;
  tuning: Tuning;
  runnerOf(appId: string): AppRunner;
  /** Removes what an app no longer needs on disk. */
  collect(appId: string): Promise<void>;
  report(text: string): void;
}

/** The reason of an abort: a person asked for it. */
export class Cancelled extends Error {}

/** Takes deployments from queued to their end, each app's one after the other. */
export class Deployer {
  readonly #options: DeployerOptions;
  readonly #slots: Slots;
  readonly #underWay = new Map<string, { control: AbortController; done: Promise<void> }>();
  readonly #lines = new Map<string, Promise<void>>();

  constructor(options: DeployerOptions) {
    this.#options = options;
    this.#slots = new Slots(options.tuning.buildsAtOnce);
  }

  /** Begins a deployment that is stored as queued. */
  begin(app: AppRecord, deployment: DeploymentRow): void {
    const control = new AbortController();
    // The one before has ended, and may still be ending its processes.
    const before = this.#lines.get(app.id) ?? Promise.resolve();
    const done = before.then(() => this.#run(app, deployment, control.signal));
    this.#lines.set(app.id, done);
    this.#underWay.set(deployment.id, { control, done });
    void done.finally(() => {
      this.#underWay.delete(deployment.id);
      if (this.#lines.get(app.id) === done) this.#lines.delete(app.id);
    });
  }

  /** Ends a deployment early, with the reason, and waits until nothing of it runs. */
  async abort(id: string, reason: Error): Promise<void> {
    const run = this.#underWay.get(id);
    run?.control.abort(reason);
    await run?.done;
  }

  /** Ends all of them early. */
  async abortAll(reason: Error): Promise<void> {
    await Promise.all([...this.#underWay.keys()].map((id) => this.abort(id, reason)));
  }

  /** Never rejects: whatever happens becomes the deployment's end. */
  async #run(app: AppRecord, deployment: DeploymentRow, signal: AbortSignal): Promise<void> {
    const { board, report } = this.#options;
    try {
      const { built, row, upload } = await this.#build(app, deployment, signal);
      await this.#release(app, deployment, built, row, upload, signal);
    } catch (error) {
      try {
        if (error instanceof Cancelled) board.change(app, deployment.id, { state: 'cancelled' });
        else board.change(app, deployment.id, { state: 'failed', failure: asFailure(error, report).toFailure() });
      } catch (stored) {
        report(`the end of deployment ${deployment.id} could not be stored: ${(stored as Error).message}`);
      }
    }
    await this.#options
      .collect(app.id)
      .catch((error: Error) => report(`old releases of ${app.id} stay on disk: ${error.message}`));
  }

  async #build(
    app: AppRecord,
    deployment: DeploymentRow,
    signal: AbortSignal,
  ): Promise<{ built: BuildPlan; row: BuildRow; upload: UploadRecord }> {
    const { board, builds, logs, paths, content, tuning, uploads, report } = this.#options;
    const free = await this.#slots.take(signal);
    let row: BuildRow | undefined;
    try {
      const started = board.change(app, deployment.id, { state: 'building' }, () => {
        row = builds.create(app.id, deployment.id);
        return { buildId: row.id };
      });
      if (started === undefined || row === undefined) {
        row = undefined;
        throw new Cancelled();
      }
      const buildId = row.id;
      const upload = uploads.byId(deployment.uploadId);
      if (upload === undefined) throw gone();
      const log = new BuildLog(logs.build(buildId));
      log.say(
        `deployment ${deployment.id} of ${app.name} in ${app.network}: ${upload.files} files, ${upload.bytes} bytes`,
      );
      const folder = codeFolder(paths, buildId);
      try {
        await mkdir(buildFolder(paths, buildId), { recursive: true, mode: 0o700 });
        await materialise(content, upload.entries, folder, signal);
        const built = await build({
          buildId,
          folder,
          tmp: join(buildFolder(paths, buildId), 'tmp'),
          log,
          logCommand: `rig logs build ${app.name}.${app.network}`,
          signal,
          limitMs: tuning.buildLimitMs,
          onPlan: (plan) => builds.builder(buildId, plan.builder),
        });
        log.say('the build succeeded');
        builds.end(buildId, 'succeeded');
        logs.endBuild(buildId);
        return { built, row, upload };
      } catch (error) {
        log.say(
          error instanceof Cancelled
            ? 'the build was cancelled'
            : `the build failed: ${asFailure(error, report).message}`,
        );
        throw error;
      }
    } catch (error) {
      if (row !== undefined) {
        builds.end(row.id, 'failed');
        logs.endBuild(row.id);
        await removeTree(buildFolder(paths, row.id));
        builds.dropped(row.id);
      }
      throw error;
    } finally {
      free();
    }
  }

  async #release(
    app: AppRecord,
    deployment: DeploymentRow,
    built: BuildPlan,
    build: BuildRow,
    upload: UploadRecord,
    signal: AbortSignal,
  ): Promise<void> {
    const { board, releases, apps, logs, tuning, runnerOf, report } = this.#options;
    signal.throwIfAborted();
    const { builder, processes } = built;
    const { files, bytes, digest } = upload;
    let release: ReleaseRow | undefined;
    const started = board.change(app, deployment.id, { state: 'releasing' }, () => {
      const source = { builder, processes, files, bytes, digest };
      release = releases.create({ appId: app.id, deploymentId: deployment.id, buildId: build.id, ...source });
      return { version: release.version };
    });
    if (started === undefined || release === undefined) throw new Cancelled();
    const { version } = release;
    const runner = runnerOf(app.id);
    const dark = runner.startDark(version, releases.settings(app.id).instances);
    try {
      await Promise.race([Promise.all(dark.map((instance) => instance.ready)), rejection(signal)]);
      const stored = board.change(app, deployment.id, { state: 'healthy' }, () => {
        releases.makeCurrent(app.id, version);
        apps.touch(app.id);
        return {};
      });
      if (stored === undefined) throw new Cancelled();
    } catch (error) {
      await runner.dropDark();
      throw error;
    }
    // In the same turn as the decision: from here on every request goes to the new release.
    const drained = runner.switchOver(version, tuning.drainMs);
    say(logs.app(app.id), `v${version} serves now`, report);
    // The next deployment need not wait for the last requests of this one's predecessor.
    void drained
      .catch((error: Error) => report(`instances before v${version} of ${app.id} could not be ended: ${error.message}`))
      .then(() => this.#options.collect(app.id))
      .catch((error: Error) => report(`old releases of ${app.id} stay on disk: ${error.message}`));
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function gone(): DeploymentError {
  return new DeploymentError({
    code: 'RIG_INTERNAL',
    reason: 'the upload of this deployment is no longer there',
    fix: 'deploy again: rig deploy',
  });
}

/** The tree cannot be laid out where Max keeps its state. */
function unwritable(why: string, remedy: string): DeploymentError {
  return new DeploymentError({
    code: 'RIG_BUILD_FAILED',
    reason: `Max could not write the files of the app: ${why}`,
    fix: `${remedy} and deploy again`,
  });
}

function asFailure(error: unknown, report: (text: string) => void): DeploymentError {
  if (error instanceof DeploymentError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return unwritable('there is no room left on the disk', 'make room there');
  if (code === 'ENAMETOOLONG') return unwritable(message, 'shorten that path');
  report(
    `a deployment failed unexpectedly: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  const reason = error instanceof Error ? error.message : String(error);
  return new DeploymentError({
    code: 'RIG_INTERNAL',
    reason,
    fix: 'deploy again; if it fails again, see: rig max logs',
  });
}
