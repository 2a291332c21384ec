import type { Build } from '@rig/plugin-api/max';
import type { Database } from '../store/database.ts';
import { newId } from '../store/ids.ts';

/** A build as it is stored. */
export interface BuildRow extends Build {
  number: number;
  appId: string;
}

const SELECT = `SELECT number, id, app_id AS appId, deployment_id AS deploymentId, state, builder, started_at AS startedAt,
  ended_at AS endedAt FROM builds`;

/** The builds of this Max. */
export class BuildRows {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes one that runs. */
  create(appId: string, deploymentId: string): BuildRow {
    const id = newId('bld');
    this.#db.run("INSERT INTO builds (id, app_id, deployment_id, state, started_at) VALUES (?, ?, ?, 'running', ?)", [
      id,
      appId,
      deploymentId,
      new Date().toISOString(),
    ]);
    return this.byId(id)!;
  }

  /** The build of that id. */
  byId(id: string): BuildRow | undefined {
    return this.#db.get(`${SELECT} WHERE id = ?`, [id]);
  }

  /** Whether the folder of a build is still on disk. */
  isKept(id: string): boolean {
    return this.#db.get('SELECT id FROM builds WHERE id = ? AND kept = 1', [id]) !== undefined;
  }

  /** Up to `limit` of an app, newest first, older than `before`. */
  page(appId: string, before: number, limit: number): BuildRow[] {
    return this.#db.all(`${SELECT} WHERE app_id = ? AND number < ? ORDER BY number DESC LIMIT ?`, [
      appId,
      before,
      limit,
    ]);
  }

  /** Notes what builds it. */
  builder(id: string, builder: string): void {
    this.#db.run('UPDATE builds SET builder = ? WHERE id = ?', [builder, id]);
  }

  /** Notes how it ended. */
  end(id: string, state: 'succeeded' | 'failed'): void {
    this.#db.run("UPDATE builds SET state = ?, ended_at = ? WHERE id = ? AND state = 'running'", [
      state,
      new Date().toISOString(),
      id,
    ]);
  }

  /** All that run, or ran when an earlier Max was killed. */
  running(): BuildRow[] {
    return this.#db.all(`${SELECT} WHERE state = 'running'`);
  }

  /** Builds of an app whose folder is on disk, newest first. */
  kept(appId: string): BuildRow[] {
    return this.#db.all(`${SELECT} WHERE app_id = ? AND kept = 1 AND state <> 'running' ORDER BY number DESC`, [appId]);
  }

  /** Builds of an app but for its newest `count`, whose folder is gone. */
  olderThan(appId: string, count: number): BuildRow[] {
    return this.#db.all(`${SELECT} WHERE app_id = ? AND kept = 0 ORDER BY number DESC LIMIT -1 OFFSET ?`, [
      appId,
      count,
    ]);
  }

  /** Forgets a build. */
  remove(id: string): void {
    this.#db.run('DELETE FROM builds WHERE id = ?', [id]);
  }

  /** Notes that the folder is gone. */
  dropped(id: string): void {
    this.#db.run('UPDATE builds SET kept = 0 WHERE id = ?', [id]);
  }
}

/** The build as the contract has it. */
export function toBuild(row: BuildRow): Build {
  const { id, deploymentId, state, builder, startedAt, endedAt } = row;
  return { id, deploymentId, state, builder, startedAt, endedAt };
}
