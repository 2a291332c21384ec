import type { ConfigChange, Deployment, DeploymentKind, RollbackPlan } from '@rig/plugin-api/max';
import type { AppRecord } from '../store/apps.ts';
import type { UploadRecord } from '../store/uploads.ts';
import { type ConfigRequest, changeConfig } from './config-changes.ts';
import { Cancelled } from './deployer.ts';
import type { DeploymentSource } from './deployment-rows.ts';
import { inProgress, nothingReleased } from './in-progress.ts';
import { interrupted } from './interrupted.ts';
import { planRollback } from './rollback.ts';
import type { RuntimeParts } from './runtime-parts.ts';
import type { RuntimeReads } from './runtime-reads.ts';

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
    await this.#parts.deployer.abortAll(interrupted('Max was stopped'));
  }

  /** Deploys an upload. */
  createDeployment(app: AppRecord, upload: UploadRecord): Deployment {
    return this.#start(app, 'deploy', { uploadId: upload.id });
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
  restart(app: AppRecord, instances?: number): Deployment {
    const { currentVersion } = this.#parts.releases.settings(app.id);
    if (currentVersion === null) throw nothingReleased(app);
    const from = { version: currentVersion, ...(instances === undefined ? {} : { instances }) };
    return this.#start(app, instances === undefined ? 'restart' : 'scale', from);
  }

  /** Ends a deployment early; gives it as it is then. */
  async cancel(app: AppRecord, id: string): Promise<Deployment | undefined> {
    if (this.#reads.deployment(app, id) === undefined) return undefined;
    this.#parts.board.change(app, id, { state: 'cancelled' });
    await this.#parts.deployer.abort(id, new Cancelled());
    return this.#reads.deployment(app, id);
  }

  #start(app: AppRecord, kind: DeploymentKind, from: DeploymentSource): Deployment {
    const { deployments, board, database } = this.#parts;
    const row = deployments.create(app.id, kind, from);
    if (row === undefined) throw inProgress(app, deployments.underWayOf(app.id)?.id);
    board.tell(app, row);
    database.afterCommit(() => setImmediate(() => this.#begin(row.id)));
    return this.#reads.show(app, row);
  }

  #begin(id: string): void {
    const { deployments, apps, deployer } = this.#parts;
    const row = deployments.byId(id);
    const app = row && apps.byId(row.appId);
    if (row?.state === 'queued' && app !== undefined && !this.#ending) deployer.begin(app, row);
  }
}
