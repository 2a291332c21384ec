import type { ConfigChange, Deployment, DeploymentKind, RollbackPlan, Started, Stopped } from '@rig/plugin-api/max';
import { placeOf } from '../events.ts';
import { say } from '../logs/say.ts';
import type { AppRecord } from '../store/apps.ts';
import type { UploadRecord } from '../store/uploads.ts';
import { Cancelled } from './cancelled.ts';
import { type ConfigRequest, changeConfig } from './config-changes.ts';
import type { DeploymentSource } from './deployment-rows.ts';
import { checkFormation, type Formation } from './formation.ts';
import { inProgress, nothingReleased } from './in-progress.ts';
import { interrupted } from './interrupted.ts';
import type { ReleaseRow } from './release-rows.ts';
import { planRollback } from './rollback.ts';
import type { RuntimeParts } from './runtime-parts.ts';
import type { RuntimeReads } from './runtime-reads.ts';
import { tuningOf } from './tuning.ts';

/** Begins and ends deployments: one of an app at a time. */
export class RuntimeChanges {
  readonly #parts: RuntimeParts;
  readonly #reads: RuntimeReads;
  #ending = false;

  constructor(parts: RuntimeParts, reads: RuntimeReads) {
    this.#parts = parts;
    this.#reads = reads;
  }

  /** Begins what an earlier Max had only queued. */
  beginQueued(): void {
    for (const row of this.#parts.deployments.underWay()) this.#begin(row.id);
  }

  /** Fails what is under way, as Max ends; nothing begins any more. */
  async end(): Promise<void> {
    this.#ending = true;
    await this.#parts.deployer.abortAll((app, { kind }) => interrupted('Max was stopped', kind, app));
  }

  /** Deploys an upload, with what earlier builds have left or without. */
  createDeployment(app: AppRecord, upload: UploadRecord, fresh: boolean): Deployment {
    return this.#start(app, 'deploy', { uploadId: upload.id, fresh });
  }

  /** Changes vars or secrets. */
  changeConfig(app: AppRecord, request: ConfigRequest): ConfigChange {
    const deploy = (of: AppRecord): Deployment => this.#start(of, 'config', {});
    return changeConfig({ ...this.#parts, deploy }, app, request);
  }

  /** Says what a rollback would change. */
  planRollback(app: AppRecord, to: number | undefined): RollbackPlan {
    return planRollback(this.#parts, app, to);
  }

  /** Goes back to an earlier release. */
  rollback(app: AppRecord, to: number | undefined): Deployment {
    return this.#start(app, 'rollback', { version: this.planRollback(app, to).to });
  }

  /** Starts what serves anew. */
  restart(app: AppRecord): Deployment {
    return this.#start(app, 'restart', { version: this.#released(app).version });
  }

  /** Runs other numbers of instances, and leaves those alone that run and are to run. */
  scale(app: AppRecord, formation: Formation): Deployment {
    const { processes } = this.#released(app);
    checkFormation(app, processes, this.#parts.releases.settings(app.id).formation, formation);
    return this.#start(app, 'scale', { formation });
  }

  /** Ends an app's instances until it is started. */
  stopApp(app: AppRecord): Stopped {
    const { releases, apps, events, database, runners, tuning, logs, report, deployments } = this.#parts;
    this.#released(app);
    const underWay = deployments.underWayOf(app.id);
    if (underWay !== undefined) throw inProgress(app, underWay.id);
    if (releases.settings(app.id).stopped) return { already: true };
    releases.configure(app.id, { stopped: true });
    apps.touch(app.id);
    events.append({ type: 'app.stopped', ...placeOf(app), text: `app ${app.name}.${app.network} was stopped` });
    database.afterCommit(() => {
      say(logs.app(app.id), 'the app was stopped', report);
      const ended = runners.of(app.id).halt(tuningOf(tuning, app.settings).drainMs);
      void ended.catch((error: Error) => report(`instances of ${app.id} could not be ended: ${error.message}`));
    });
    return { already: false };
  }

  /** Starts the instances of an app that is stopped. */
  startApp(app: AppRecord): Started {
    const { releases, deployments } = this.#parts;
    this.#released(app);
    const underWay = deployments.underWayOf(app.id);
    if (underWay !== undefined) throw inProgress(app, underWay.id);
    if (!releases.settings(app.id).stopped) return { already: true, deployment: null };
    return { already: false, deployment: this.#start(app, 'start', {}) };
  }

  /** Ends a deployment early; gives it as it is then. */
  async cancel(app: AppRecord, id: string): Promise<Deployment | undefined> {
    if (this.#reads.deployment(app, id) === undefined) return undefined;
    this.#parts.board.change(app, id, { state: 'cancelled' });
    await this.#parts.deployer.abort(id, new Cancelled());
    return this.#reads.deployment(app, id);
  }

  /** The release that serves, or would if the app were not stopped. */
  #released(app: AppRecord): ReleaseRow {
    const release = this.#parts.releases.current(app.id);
    if (release === undefined) throw nothingReleased(app);
    return release;
  }

  #start(app: AppRecord, kind: DeploymentKind, from: Omit<DeploymentSource, 'stopped'>): Deployment {
    const { deployments, board, database, releases } = this.#parts;
    const row = deployments.create(app.id, kind, { ...from, stopped: releases.settings(app.id).stopped });
    if (row === undefined) throw inProgress(app, deployments.underWayOf(app.id)?.id);
    board.tell(app, row);
    database.afterCommit(() => setImmediate(() => this.#begin(row.id)));
    return this.#reads.show(app, row);
  }

  #begin(id: string): void {
    // The database may be closed by then; the next Max begins it.
    if (this.#ending) return;
    const { deployments, apps, deployer } = this.#parts;
    const row = deployments.byId(id);
    const app = row && apps.byId(row.appId);
    if (row?.state === 'queued' && app !== undefined) deployer.begin(app, row);
  }
}
