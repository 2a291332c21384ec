import { type Database, isDuplicate } from './database.ts';
import { newId } from './ids.ts';

/** An app as it is stored. */
export interface AppRecord {
  id: string;
  name: string;
  networkId: string;
  /** The network's name. */
  network: string;
  createdAt: string;
  updatedAt: string;
}

const COLUMNS = `SELECT a.id, a.name, a.network_id AS networkId, n.name AS network,
  a.created_at AS createdAt, a.updated_at AS updatedAt
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
    return this.#db.get(`${SELECT} AND a.id = ?`, [id]);
  }

  /** The app of that name in the network of that name. */
  byName(network: string, name: string): AppRecord | undefined {
    return this.#db.get(`${SELECT} AND n.name = ? AND a.name = ?`, [network, name]);
  }

  /** Every app, by network and name. */
  all(): AppRecord[] {
    return this.#db.all(`${SELECT} ORDER BY n.name, a.name`);
  }

  /** Every app of a network, by name. */
  ofNetwork(networkId: string): AppRecord[] {
    return this.#db.all(`${SELECT} AND a.network_id = ? ORDER BY a.name`, [networkId]);
  }

  /** Up to `limit` apps of all networks, by network and name, those after the given pair. */
  page(after: { network: string; name: string }, limit: number): AppRecord[] {
    return this.#db.all(`${SELECT} AND (n.name, a.name) > (?, ?) ORDER BY n.name, a.name LIMIT ?`, [
      after.network,
      after.name,
      limit,
    ]);
  }

  /** Up to `limit` apps of one network, by name, those after `after`. */
  pageOfNetwork(networkId: string, after: string, limit: number): AppRecord[] {
    return this.#db.all(`${SELECT} AND a.network_id = ? AND a.name > ? ORDER BY a.name LIMIT ?`, [
      networkId,
      after,
      limit,
    ]);
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
    return this.#db.all(`${COLUMNS} WHERE a.removing = 1`);
  }

  /** Removes the app's row, its uploads with it. */
  remove(id: string): void {
    this.#db.run('DELETE FROM apps WHERE id = ?', [id]);
  }
}
