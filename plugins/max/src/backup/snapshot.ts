import { statSync } from 'node:fs';
import Libsql from 'libsql';
import { type Database, openDatabase } from '../store/database.ts';
import { databaseNewer, databaseUnreadable } from '../store/errors.ts';
import { migrations } from '../store/migrations/index.ts';
import { makePrivate } from '../store/private-file.ts';
import { backupUnwritable, stateUnsettled } from './errors.ts';

/** What files the database names; apps that are being deleted are not counted. */
export interface Contents {
  apps: string[];
  /** Builds whose folder is there. */
  builds: string[];
  /** Builds that have a log. */
  buildLogs: string[];
  uploads: string[];
  networks: number;
}

const QUERIES = {
  apps: 'SELECT id FROM apps WHERE removing = 0 ORDER BY id',
  builds: `SELECT id FROM builds WHERE kept = 1 AND state = 'succeeded' AND app_id IN (SELECT id FROM apps WHERE removing = 0)
    ORDER BY number`,
  buildLogs: 'SELECT id FROM builds WHERE app_id IN (SELECT id FROM apps WHERE removing = 0) ORDER BY number',
  uploads: 'SELECT id FROM uploads ORDER BY id',
} as const;

/** The database of a Max, which may be running: read beside it, never changed. */
export class LiveDatabase {
  readonly #file: string;
  readonly #sql: Libsql.Database;
  readonly #inode: number;

  /** @throws RigError `RIG_DATABASE_UNREADABLE`, `RIG_DATABASE_NEWER` */
  constructor(file: string) {
    this.#file = file;
    this.#inode = statSync(file).ino;
    this.#sql = new Libsql(file, { timeout: 5000 });
    try {
      const found = this.#guard(
        () => (this.#sql.prepare('PRAGMA user_version').all()[0] as { user_version: number }).user_version,
      );
      const known = migrations.at(-1)?.version ?? 0;
      if (found > known) throw databaseNewer(file, found, known);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Writes the database, as it is at this moment, into a new file, and checks it. Whoever writes to the database is not
   * held up.
   */
  copyTo(target: string, backup: string): Contents {
    try {
      makePrivate(target);
    } catch (error) {
      throw backupUnwritable(backup, error);
    }
    try {
      this.#guard(() => this.#sql.prepare('VACUUM INTO ?').run([target]));
    } catch (error) {
      if (/^SQLITE_(FULL|IOERR|CANTOPEN|READONLY)/.test((error as { code?: string }).code ?? ''))
        throw backupUnwritable(backup, error);
      throw error;
    }
    const copy = openCopy(target, backup);
    try {
      const ids = (sql: string): string[] => copy.all<{ id: string }>(sql).map(({ id }) => id);
      const networks = copy.get<{ count: number }>('SELECT count(*) AS count FROM networks')?.count ?? 0;
      copy.singleFile();
      return {
        apps: ids(QUERIES.apps),
        builds: ids(QUERIES.builds),
        buildLogs: ids(QUERIES.buildLogs),
        uploads: ids(QUERIES.uploads),
        networks,
      };
    } finally {
      copy.close();
    }
  }

  /** Whether everything that a copy names is still there: what was deleted since may be half in the backup. */
  stillHas(contents: Contents): boolean {
    // A reset or a restore has put another in its place.
    if (statSync(this.#file, { throwIfNoEntry: false })?.ino !== this.#inode)
      throw stateUnsettled('the state was reset or restored meanwhile');
    return (['apps', 'builds', 'uploads'] as const).every((kind) => {
      const now = this.#guard(() => this.#sql.prepare(QUERIES[kind]).all() as Array<{ id: string }>);
      const there = new Set(now.map(({ id }) => id));
      return contents[kind].every((id) => there.has(id));
    });
  }

  close(): void {
    if (this.#sql.open) this.#sql.close();
  }

  #guard<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === 'SQLITE_NOTADB' || code?.startsWith('SQLITE_CORRUPT')) throw databaseUnreadable(this.#file, message);
      throw error;
    }
  }
}

/** Opening brings the copy to the newest format, so that it is read in one way alone. */
function openCopy(file: string, backup: string): Database {
  try {
    return openDatabase(file);
  } catch (error) {
    const { code } = error as { code?: string };
    throw code === 'RIG_STORAGE_FULL' || code === 'RIG_STATE_DIR' ? backupUnwritable(backup, error) : error;
  }
}
