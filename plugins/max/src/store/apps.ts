import type { AppSettings } from '@rig/plugin-api/max';
import { type Database, isDuplicate, type SqlValue } from './database.ts';
import { newId } from './ids.ts';

/** An app as it is stored. */
export interface AppRecord {
  id: string;
  name: string;
  networkId: string;
  /** The network's name. */
  network: string;
  settings: AppSettings;
  createdAt: string;
  updatedAt: string;
}

/** A row: its settings are columns of their own. */
type Row = Omit<AppRecord, 'settings'> &
  Omit<AppSettings, 'logs'> & { logMaxBytes: number | null; logMaxAgeDays: number | null };

const COLUMNS = `SELECT a.id, a.name, a.network_id AS networkId, n.name AS network,
  a.created_at AS createdAt, a.updated_at AS updatedAt, a.healthcheck,
  a.health_timeout_seconds AS healthTimeoutSeconds, a.drain_timeout_seconds AS drainTimeoutSeconds,
  a.stop_timeout_seconds AS stopTimeoutSeconds, a.log_max_bytes AS logMaxBytes, a.log_max_age_days AS logMaxAgeDays
  FROM apps a JOIN networks n ON n.id = a.network_id`;
const SELECT = `${COLUMNS} WHERE a.removing = 0`;

/** The apps of this Max. One that is being removed is not there for anybody, but its name is taken until it is gone. */
export class Apps {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes an app; `undefined` where the network has one of that name. */
  create(networkId: string, name: string): AppRecord | undefined {
    const id = newId('app');
    const now = new Date().toISOString();
    try {
      this.#db.run('INSERT INTO apps (id, network_id, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)', [
        id,
        networkId,
        name,
        now,
        now,
      ]);
    } catch (error) {
      if (isDuplicate(error)) return undefined;
      throw error;
    }
    return this.byId(id);
  }

  /** The app of that id. */
  byId(id: string): AppRecord | undefined {
    return this.#one(`${SELECT} AND a.id = ?`, [id]);
  }

  /** The app of that name in the network of that name. */
  byName(network: string, name: string): AppRecord | undefined {
    return this.#one(`${SELECT} AND n.name = ? AND a.name = ?`, [network, name]);
  }

  /** Every app, by network and name. */
  all(): AppRecord[] {
    return this.#all(`${SELECT} ORDER BY n.name, a.name`);
  }

  /** Every app of a network, by name. */
  ofNetwork(networkId: string): AppRecord[] {
    return this.#all(`${SELECT} AND a.network_id = ? ORDER BY a.name`, [networkId]);
  }

  /** Up to `limit` apps of all networks, by network and name, those after the given pair. */
  page(after: { network: string; name: string }, limit: number): AppRecord[] {
    return this.#all(`${SELECT} AND (n.name, a.name) > (?, ?) ORDER BY n.name, a.name LIMIT ?`, [
      after.network,
      after.name,
      limit,
    ]);
  }

  /** Up to `limit` apps of one network, by name, those after `after`. */
  pageOfNetwork(networkId: string, after: string, limit: number): AppRecord[] {
    return this.#all(`${SELECT} AND a.network_id = ? AND a.name > ? ORDER BY a.name LIMIT ?`, [
      networkId,
      after,
      limit,
    ]);
  }

  /** Changes an app's name and its settings; `false` where the name is taken. */
  update(id: string, name: string, settings: AppSettings): boolean {
    const { healthcheck, healthTimeoutSeconds, drainTimeoutSeconds, stopTimeoutSeconds, logs } = settings;
    const values = [name, healthcheck, healthTimeoutSeconds, drainTimeoutSeconds, stopTimeoutSeconds];
    try {
      this.#db.run(
        `UPDATE apps SET name = ?, healthcheck = ?, health_timeout_seconds = ?, drain_timeout_seconds = ?,
          stop_timeout_seconds = ?, log_max_bytes = ?, log_max_age_days = ?, updated_at = ? WHERE id = ?`,
        [...values, logs.maxBytes, logs.maxAgeDays, new Date().toISOString(), id],
      );
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
    return true;
  }

  /** Notes that the app changed: a new release, a stop, a start. */
  touch(id: string): void {
    this.#db.run('UPDATE apps SET updated_at = ? WHERE id = ?', [new Date().toISOString(), id]);
  }

  /** Hides an app from everybody, for good unless {@link cancelRemoval} follows: stored, so that a kill leaves no half of it. */
  beginRemoval(id: string): void {
    this.#db.run('UPDATE apps SET removing = 1 WHERE id = ?', [id]);
  }

  /** Shows an app again that could not be removed. */
  cancelRemoval(id: string): void {
    this.#db.run('UPDATE apps SET removing = 0 WHERE id = ?', [id]);
  }

  /** The apps whose removal has begun. */
  beingRemoved(): AppRecord[] {
    return this.#all(`${COLUMNS} WHERE a.removing = 1`);
  }

  /** Removes the app's row, its uploads with it. */
  remove(id: string): void {
    this.#db.run('DELETE FROM apps WHERE id = ?', [id]);
  }

  #one(sql: string, params: readonly SqlValue[]): AppRecord | undefined {
    const row = this.#db.get<Row>(sql, params);
    return row && toRecord(row);
  }

  #all(sql: string, params: readonly SqlValue[] = []): AppRecord[] {
    return this.#db.all<Row>(sql, params).map(toRecord);
  }
}

function toRecord(row: Row): AppRecord {
  const { healthcheck, healthTimeoutSeconds, drainTimeoutSeconds, stopTimeoutSeconds, logMaxBytes, logMaxAgeDays } =
    row;
  const { id, name, networkId, network, createdAt, updatedAt } = row;
  const logs = { maxBytes: logMaxBytes, maxAgeDays: logMaxAgeDays };
  const settings = { healthcheck, healthTimeoutSeconds, drainTimeoutSeconds, stopTimeoutSeconds, logs };
  return { id, name, networkId, network, settings, createdAt, updatedAt };
}
