import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from '../build/build.ts';
import { BuildLog } from '../build/build-log.ts';
import { storageFull } from '../build/failure.ts';
import type { ContentStore } from '../content/content-store.ts';
import { materialise } from '../content/materialise.ts';
import { say } from '../logs/say.ts';
import type { AppConfig } from '../store/app-config.ts';
import type { AppRecord } from '../store/apps.ts';
import type { StatePaths } from '../store/state-paths.ts';
import type { Uploads } from '../store/uploads.ts';
import type { BuildRow, BuildRows } from './build-rows.ts';
import { Cancelled } from './cancelled.ts';
import { asFailure, blameDisk, uploadGone } from './deploy-failure.ts';
import type { DeploymentChange, DeploymentRow } from './deployment-rows.ts';
import { buildFolder, codeFolder } from './folders.ts';
import { formationOf, instanceNames } from './formation.ts';
import { runReleasePhase } from './release-phase.ts';
import type { ReleaseRow } from './release-rows.ts';
import { removeBuild } from './remove-build.ts';
import { changeServing, rejection, type ServingOptions, tellStarted } from './serving-changes.ts';
import { Slots } from './slots.ts';
import { tuningOf } from './tuning.ts';
import { untilStored } from './until-stored.ts';

/** What a deployer works with. */
export interface DeployerOptions extends ServingOptions {
  paths: StatePaths;
  uploads: Uploads;
  config: AppConfig;
  content: ContentStore;
  builds: BuildRows;
  /** Removes what an app no longer needs on disk. */
  collect(appId: string): Promise<void>;
}

/** The code of a release. */
type Code = Pick<ReleaseRow, 'buildId' | 'builder' | 'processes' | 'files' | 'bytes' | 'digest'>;

/** Takes deployments from queued to their end, each app's one after the other. */
export class Deployer {
  readonly #options: DeployerOptions;
  readonly #slots: Slots;
  /** Max ends: what cannot be stored now is not waited for. */
  readonly #ending = new AbortController();
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
    this.#ending.abort();
    await Promise.all([...this.#underWay.keys()].map((id) => this.abort(id, reason)));
  }

  /** Never rejects: whatever happens becomes the deployment's end. */
  async #run(app: AppRecord, deployment: DeploymentRow, signal: AbortSignal): Promise<void> {
    const { board, content, report } = this.#options;
    try {
      const { kind } = deployment;
      if (kind === 'scale' || kind === 'start') await changeServing(this.#options, app, deployment, signal);
      else {
        const code = kind === 'deploy' ? await this.#build(app, deployment, signal) : this.#past(app, deployment);
        await this.#release(app, deployment, code, signal);
      }
    } catch (error) {
      const end: DeploymentChange =
        error instanceof Cancelled
          ? { state: 'cancelled' }
          : { state: 'failed', failure: asFailure(error, content.room, report).toFailure() };
      try {
        await this.#store(`the end of deployment ${deployment.id}`, () => board.change(app, deployment.id, end));
      } catch (stored) {
        report(`the end of deployment ${deployment.id} could not be stored: ${(stored as Error).message}`);
      }
    }
    await this.#options
      .collect(app.id)
      .catch((error: Error) => report(`old releases of ${app.id} stay on disk: ${error.message}`));
  }

  /** The release whose code goes on: the one that a rollback names, else the one that serves. */
  #past(app: AppRecord, { ofVersion }: DeploymentRow): ReleaseRow {
    const { releases } = this.#options;
    const version = ofVersion ?? releases.settings(app.id).currentVersion;
    const release = version === null ? undefined : releases.byVersion(app.id, version);
    if (release === undefined) throw new Error(`there is no release v${version} of ${app.id}`);
    return release;
  }

  async #build(app: AppRecord, deployment: DeploymentRow, signal: AbortSignal): Promise<Code> {
    const { board, builds, logs, paths, content, tuning, uploads } = this.#options;
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
      if (upload === undefined) throw uploadGone();
      const log = new BuildLog(logs.build(buildId));
      log.say(
        `deployment ${deployment.id} of ${app.name} in ${app.network}: ${upload.files} files, ${upload.bytes} bytes`,
      );
      const folder = codeFolder(paths, buildId);
      const lack = content.room.lack(upload.bytes);
      if (lack !== undefined) throw storageFull(lack);
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
        room: content.room,
        onPlan: (plan) => builds.builder(buildId, plan.builder),
      });
      log.say('the build succeeded');
      builds.end(buildId, 'succeeded');
      logs.endBuild(buildId);
      const { builder, processes } = built;
      const { files, bytes, digest } = upload;
      return { buildId, builder, processes, files, bytes, digest };
    } catch (caught) {
      const error = blameDisk(caught, content.room);
      if (row !== undefined) await this.#dropBuild(row.id, error);
      throw error;
    } finally {
      free();
    }
  }

  /** Ends a build that failed. Its folder goes first: on a full disk that makes the room for the rest. */
  async #dropBuild(id: string, error: unknown): Promise<void> {
    const { builds, content, logs, paths, report } = this.#options;
    const removed = await removeBuild(paths, id).then(
      () => true,
      (left: Error) => report(`the files of build ${id} stay on disk: ${left.message}`),
    );
    await this.#store(`the end of build ${id}`, () => {
      builds.end(id, 'failed');
      if (removed) builds.dropped(id);
    });
    const cancelled = error instanceof Cancelled;
    const why = cancelled
      ? 'the build was cancelled'
      : `the build failed: ${asFailure(error, content.room, report).message}`;
    say(logs.build(id), why, report);
    logs.endBuild(id);
  }

  #store<T>(what: string, work: () => T): Promise<T> {
    return untilStored(what, work, { signal: this.#ending.signal, report: this.#options.report });
  }

  async #release(app: AppRecord, deployment: DeploymentRow, code: Code, signal: AbortSignal): Promise<void> {
    const { board, releases, apps, config, events, logs, tuning, runnerOf, report } = this.#options;
    signal.throwIfAborted();
    // What goes on from a release has its configuration; all else has the newest.
    const of = deployment.ofVersion === null ? undefined : this.#past(app, deployment);
    const past = of && { vars: of.varVersion, secrets: of.secretVersion };
    let release: ReleaseRow | undefined;
    const started = board.change(app, deployment.id, { state: 'releasing' }, () => {
      const { buildId, builder, processes, files, bytes, digest } = code;
      const source = { buildId, builder, processes, files, bytes, digest };
      const { vars, secrets } = past ?? config.versions(app.id);
      const versions = { varVersion: vars, secretVersion: secrets };
      release = releases.create({ appId: app.id, deploymentId: deployment.id, ...source, ...versions });
      return { version: release.version };
    });
    if (started === undefined || release === undefined) throw new Cancelled();
    const { version, processes } = release;
    const { formation, stopped } = releases.settings(app.id);
    // A change of the configuration alone does not start what a person has stopped.
    const runs = !stopped || deployment.kind !== 'config';
    const runner = runnerOf(app.id);
    await runReleasePhase(runner.context(version), deployment.id, signal);
    const dark = runner.startDark(version, runs ? instanceNames(formationOf(processes, formation)) : []);
    try {
      await Promise.race([Promise.all(dark.map((instance) => instance.ready)), rejection(signal)]);
      const stored = board.change(app, deployment.id, { state: 'healthy', stopped: !runs }, () => {
        releases.makeCurrent(app.id, version);
        if (stopped && runs) {
          releases.configure(app.id, { stopped: false });
          tellStarted(events, app);
        }
        if (past !== undefined && deployment.kind === 'rollback')
          releases.setConfig(app.id, version, config.restore(app.id, past));
        apps.touch(app.id);
        return {};
      });
      if (stored === undefined) throw new Cancelled();
    } catch (error) {
      await runner.dropDark();
      throw error;
    }
    if (!runs) {
      runner.become(version, true);
      say(logs.app(app.id), `v${version} is what starts with the app: it is stopped`, report);
      return;
    }
    // In the same turn as the decision: from here on every request goes to the new release.
    const { settings } = apps.byId(app.id) ?? app;
    const drained = runner.switchOver(version, tuningOf(tuning, settings).drainMs);
    say(logs.app(app.id), `v${version} serves now`, report);
    // The next deployment need not wait for the last requests of this one's predecessor.
    void drained
      .catch((error: Error) => report(`instances before v${version} of ${app.id} could not be ended: ${error.message}`))
      .then(() => this.#options.collect(app.id))
      .catch((error: Error) => report(`old releases of ${app.id} stay on disk: ${error.message}`));
  }
}
