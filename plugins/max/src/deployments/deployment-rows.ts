import type { Deployment, DeploymentFailure, DeploymentKind, DeploymentState } from '@rig/plugin-api/max';
import type { AppRecord } from '../store/apps.ts';
import { type Database, isDuplicate } from '../store/database.ts';
import { newId } from '../store/ids.ts';
import type { Formation } from './formation.ts';

/** A deployment as it is stored. */
export interface DeploymentRow {
  number: number;
  id: string;
  appId: string;
  kind: DeploymentKind;
  state: DeploymentState;
  seq: number;
  /** Empty where the code is that of a release. */
  uploadId: string;
  /** The release that a rollback goes back to. */
  ofVersion: number | null;
  /** What it changes of the formation, as JSON. */
  formation: string | null;
  /** Whether the app is stopped as of its state. */
  stopped: number;
  /** 1 where it takes nothing from the app's build cache. */
  fresh: number;
  buildId: string | null;
  version: number | null;
  failure: string | null;
  createdAt: string;
  updatedAt: string;
}

const SELECT = `SELECT number, id, app_id AS appId, kind, state, seq, upload_id AS uploadId, of_version AS ofVersion,
  formation, stopped, fresh, build_id AS buildId, version, failure, created_at AS createdAt, updated_at AS updatedAt
  FROM deployments`;
const UNDER_WAY = "state IN ('queued', 'building', 'releasing')";

/** What a deployment takes: an upload, built with or without the cache, a release, or what it changes of the formation. */
export interface DeploymentSource {
  uploadId?: string;
  fresh?: boolean;
  version?: number;
  formation?: Formation;
  /** Whether the app is stopped. */
  stopped: boolean;
}

/** What a step of a deployment changes. */
export interface DeploymentChange {
  state?: DeploymentState;
  buildId?: string;
  version?: number;
  failure?: DeploymentFailure;
  stopped?: boolean;
}

/** The deployments of this Max. */
export class DeploymentRows {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes a queued one; `undefined` while another of the app goes on. */
  create(appId: string, kind: DeploymentKind, from: DeploymentSource): DeploymentRow | undefined {
    const id = newId('dep');
    const now = new Date().toISOString();
    try {
      this.#db.run(
        `INSERT INTO deployments (id, app_id, kind, state, seq, upload_id, of_version, formation, stopped, fresh,
          created_at, updated_at) VALUES (?, ?, ?, 'queued', 1, ?, ?, ?, ?, ?, ?, ?)`,
        [
          id,
          appId,
          kind,
          from.uploadId ?? '',
          from.version ?? null,
          from.formation === undefined ? null : JSON.stringify(from.formation),
          from.stopped ? 1 : 0,
          from.fresh ? 1 : 0,
          now,
          now,
        ],
      );
    } catch (error) {
      if (isDuplicate(error)) return undefined;
      throw error;
    }
    return this.byId(id);
  }

  /** The deployment of that id. */
  byId(id: string): DeploymentRow | undefined {
    return this.#db.get(`${SELECT} WHERE id = ?`, [id]);
  }

  /** Up to `limit` of an app, newest first, older than `before`. */
  page(appId: string, before: number, limit: number): DeploymentRow[] {
    return this.#db.all(`${SELECT} WHERE app_id = ? AND number < ? ORDER BY number DESC LIMIT ?`, [
      appId,
      before,
      limit,
    ]);
  }

  /** The last of an app. */
  latest(appId: string): DeploymentRow | undefined {
    return this.page(appId, Number.MAX_SAFE_INTEGER, 1)[0];
  }

  /** All that have not ended. */
  underWay(): DeploymentRow[] {
    return this.#db.all(`${SELECT} WHERE ${UNDER_WAY} ORDER BY number`);
  }

  /** The one of an app that has not ended. */
  underWayOf(appId: string): DeploymentRow | undefined {
    return this.#db.get(`${SELECT} WHERE app_id = ? AND ${UNDER_WAY}`, [appId]);
  }

  /** Changes one that has not ended; `undefined` for one that has. */
  change(id: string, change: DeploymentChange): DeploymentRow | undefined {
    const { state = null, buildId = null, version = null, failure, stopped } = change;
    const changed = this.#db.run(
      `UPDATE deployments SET seq = seq + 1, updated_at = ?, state = coalesce(?, state), build_id = coalesce(?, build_id),
        version = coalesce(?, version), failure = coalesce(?, failure), stopped = coalesce(?, stopped)
        WHERE id = ? AND ${UNDER_WAY}`,
      [
        new Date().toISOString(),
        state,
        buildId,
        version,
        failure === undefined ? null : JSON.stringify(failure),
        stopped === undefined ? null : Number(stopped),
        id,
      ],
    );
    return changed === 0 ? undefined : this.byId(id);
  }
}

/** The deployment as the contract has it. */
export function toDeployment(row: DeploymentRow, app: AppRecord, url: string): Deployment {
  return {
    id: row.id,
    app: app.name,
    network: app.network,
    kind: row.kind,
    state: row.state,
    seq: row.seq,
    buildId: row.buildId,
    release: row.version,
    stopped: row.stopped === 1,
    url,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as DeploymentFailure),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
