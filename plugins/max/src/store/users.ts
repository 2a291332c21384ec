import type { Database } from './database.ts';
import { newId } from './ids.ts';

/** Somebody who may use this Max. */
export interface UserRecord {
  id: string;
  name: string;
}

/** The users of this Max: today its owner alone. */
export class Users {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The owner, made at the first start. */
  owner(name: string): UserRecord {
    const found = this.#db.get<UserRecord>('SELECT id, name FROM users ORDER BY created_at, id LIMIT 1');
    if (found !== undefined) return found;
    const user = { id: newId('usr'), name };
    this.#db.run('INSERT INTO users (id, name, created_at) VALUES (?, ?, ?)', [
      user.id,
      user.name,
      new Date().toISOString(),
    ]);
    return user;
  }
}
