import { type Database, isDuplicate } from './database.ts';
import { newId } from './ids.ts';

/** A network as it is stored. */
export interface NetworkRecord {
  id: string;
  name: string;
  ownerId: string;
  /** The owner's name. */
  owner: string;
  createdAt: string;
  /** How many apps live in it. */
  apps: number;
}

const SELECT = `SELECT n.id, n.name, n.owner_id AS ownerId, u.name AS owner, n.created_at AS createdAt,
  (SELECT count(*) FROM apps a WHERE a.network_id = n.id) AS apps
  FROM networks n JOIN users u ON u.id = n.owner_id`;

/** The networks of this Max. */
export class Networks {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes a network; `undefined` where the name is taken. */
  create(name: string, ownerId: string): NetworkRecord | undefined {
    try {
      const values = [newId('net'), name, ownerId, new Date().toISOString()];
      this.#db.run('INSERT INTO networks (id, name, owner_id, created_at) VALUES (?, ?, ?, ?)', values);
    } catch (error) {
      if (isDuplicate(error)) return undefined;
      throw error;
    }
    return this.byName(name);
  }

  /** The network of that name. */
  byName(name: string): NetworkRecord | undefined {
    return this.#db.get(`${SELECT} WHERE n.name = ?`, [name]);
  }

  /** The network of that id. */
  byId(id: string): NetworkRecord | undefined {
    return this.#db.get(`${SELECT} WHERE n.id = ?`, [id]);
  }

  /** Up to `limit` networks by name, those after `after`. */
  page(after: string, limit: number): NetworkRecord[] {
    return this.#db.all(`${SELECT} WHERE n.name > ? ORDER BY n.name LIMIT ?`, [after, limit]);
  }

  /** Gives a network another name; `false` where it is taken. */
  rename(id: string, name: string): boolean {
    try {
      this.#db.run('UPDATE networks SET name = ? WHERE id = ?', [name, id]);
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
    return true;
  }

  /** Removes an empty network. */
  remove(id: string): void {
    this.#db.run('DELETE FROM networks WHERE id = ?', [id]);
  }
}
