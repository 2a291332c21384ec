import { existsSync } from 'node:fs';
import type { ContentStore } from '../content/content-store.ts';
import { chunksOf } from '../content/upload-contents.ts';
import { say } from '../logs/say.ts';
import type { AppConfig } from '../store/app-config.ts';
import type { AppRecord } from '../store/apps.ts';
import type { StatePaths } from '../store/state-paths.ts';
import type { Uploads } from '../store/uploads.ts';
import type { BuildRows } from './build-rows.ts';
import { Cancelled } from './cancelled.ts';
import type { Code, CodeBuilder } from './code-builder.ts';
import type { Collector } from './collector.ts';
import { asFailure, sourceGone, uploadGone } from './deploy-failure.ts';
import type { DeploymentChange, DeploymentRow } from './deployment-rows.ts';
import { codeFolder } from './folders.ts';
import { formationOf, instanceNames } from './formation.ts';
import { runReleasePhase } from './release-phase.ts';
import type { ReleaseRow } from './release-rows.ts';
import { changeServing, rejection, type ServingOptions, tellStarted } from './serving-changes.ts';
import { tuningOf } from './tuning.ts';
import { untilStored } from './until-stored.ts';

/** What a deployer works with. */
export interface DeployerOptions extends ServingOptions {
  paths: StatePaths;
  uploads: Uploads;
  config: AppConfig;
  content: ContentStore;
  builder: CodeBuilder;
  builds: BuildRows;
  collector: Collector;
}

/** Takes deployments from queued to their end, each app's one after the other. */
export class Deployer {
  readonly #options: DeployerOptions;
  /** Max ends: what cannot be stored now is not waited for. */
  readonly #ending = new AbortController();
  readonly #underWay = new Map<
    string,
    { app: AppRecord; deployment: DeploymentRow; control: AbortController; done: Promise<void> }
  >();
  readonly #lines = new Map<string, Promise<void>>();

  constructor(options: DeployerOptions) {
    this.#options = options;
  }

  /** Begins a deployment that is stored as queued. */
  begin(app: AppRecord, deployment: DeploymentRow): void {
    const control = new AbortController();
    // The one before has ended, and may still be ending its processes.
    const before = this.#lines.get(app.id) ?? Promise.resolve();
    const done = before.then(() => this.#run(app, deployment, control.signal));
    this.#lines.set(app.id, done);
    this.#underWay.set(deployment.id, { app, deployment, control, done });
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

  /** Waits until nothing runs of an app's deployments, those that were cancelled too. */
  async idle(appId: string): Promise<void> {
    await this.#lines.get(appId);
  }

  /** Ends all of them early, each with a reason of its own. */
  async abortAll(reasonOf: (app: AppRecord, deployment: DeploymentRow) => Error): Promise<void> {
    this.#ending.abort();
    this.#options.builder.end();
    await Promise.all(
      [...this.#underWay].map(([id, { app, deployment }]) => this.abort(id, reasonOf(app, deployment))),
    );
  }

  /** Never rejects: whatever happens becomes the deployment's end. */
  async #run(app: AppRecord, deployment: DeploymentRow, signal: AbortSignal): Promise<void> {
    const { board, content, report } = this.#options;
    try {
      const { kind } = deployment;
      if (kind === 'scale' || kind === 'start') await changeServing(this.#options, app, deployment, signal);
      else await this.#release(app, deployment, await this.#code(app, deployment, signal), signal);
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
    await this.#options.collector
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

  /** What is released: an upload that is built, or the code of a release, built anew where its build is gone. */
  async #code(app: AppRecord, deployment: DeploymentRow, signal: AbortSignal): Promise<Code> {
    const { uploads, builder } = this.#options;
    if (deployment.kind === 'deploy') {
      const upload = uploads.byId(deployment.uploadId);
      if (upload === undefined) throw uploadGone();
      return builder.build(app, deployment, { upload }, signal);
    }
    const past = this.#past(app, deployment);
    if (this.#isBuilt(past)) return past;
    const upload = uploads.byId(past.uploadId);
    const missing = upload && (await this.#options.content.missing(chunksOf(upload)));
    if (upload === undefined || missing === undefined || missing.length > 0) throw sourceGone(app, past.version);
    const why = `the build of v${past.version} is no longer kept: its source is built again`;
    return builder.build(app, deployment, { upload, why }, signal);
  }

  /** Whether the folder of a release's build is there, by the books and on disk. */
  #isBuilt(release: ReleaseRow): boolean {
    const { builds, paths } = this.#options;
    return builds.isKept(release.buildId) && existsSync(codeFolder(paths, release.buildId));
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
      const { buildId, uploadId, builder, processes, files, bytes, digest } = code;
      const source = { buildId, uploadId, builder, processes, files, bytes, digest };
      const { vars, secrets } = past ?? config.versions(app.id);
      const versions = { varVersion: vars, secretVersion: secrets };
      release = releases.create({ appId: app.id, deploymentId: deployment.id, ...source, ...versions });
      const before = deployment.kind === 'deploy' ? undefined : this.#past(app, deployment);
      if (before !== undefined && before.buildId !== buildId) releases.rebuilt(app.id, before.buildId, buildId);
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
      .then(() => this.#options.collector.collect(app.id))
      .catch((error: Error) => report(`old releases of ${app.id} stay on disk: ${error.message}`));
  }
}
