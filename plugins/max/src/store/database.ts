import { dirname } from 'node:path';
import { isRigError } from '@rig/plugin-api';
import Libsql from 'libsql';
import { databaseNewer, databaseUnreadable, unusable } from './errors.ts';
import { type Migration, migrations } from './migrations/index.ts';
import { makePrivate } from './private-file.ts';

/** What a column may hold; blobs come back as a `Buffer`. */
export type SqlValue = string | number | bigint | Uint8Array | null;

const asRow = (row: Record<string, unknown>): Record<string, unknown> => {
  for (const key in row) if (row[key] instanceof ArrayBuffer) row[key] = Buffer.from(row[key] as ArrayBuffer);
  return row;
};

/** Max's database: synchronous, one connection, write-ahead log. Rows are plain objects by column name. */
export class Database {
  readonly file: string;
  readonly #sql: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #depth = 0;
  #afterCommit: Array<() => void> = [];

  constructor(file: string, sql: Libsql.Database) {
    this.file = file;
    this.#sql = sql;
  }

  /** Runs one statement that changes something, and says how many rows it changed. */
  run(sql: string, params: readonly SqlValue[] = []): number {
    return this.#prepare(sql).run(params as SqlValue[]).changes;
  }

  /** The first row, or `undefined`. */
  get<T>(sql: string, params: readonly SqlValue[] = []): T | undefined {
    // `all`, as the driver's `get` keeps the statement open, which holds the write-ahead log back.
    return this.all<T>(sql, params)[0];
  }

  /** Every row. */
  all<T>(sql: string, params: readonly SqlValue[] = []): T[] {
    return (this.#prepare(sql).all(params as SqlValue[]) as Record<string, unknown>[]).map(asRow) as T[];
  }

  /** Runs statements that have no parameters. */
  exec(sql: string): void {
    this.#sql.exec(sql);
  }

  /**
   * Runs `work` as one transaction: all of it holds, or nothing. One inside another belongs to the outer one. `work`
   * must be synchronous.
   */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#sql.exec('BEGIN IMMEDIATE');
    this.#depth += 1;
    try {
      const result = work();
      this.#sql.exec('COMMIT');
      this.#depth -= 1;
      const due = this.#afterCommit.splice(0);
      for (const task of due) task();
      return result;
    } catch (error) {
      // A task after the commit may have thrown: the transaction stands then.
      if (this.#depth > 0) {
        this.#depth -= 1;
        this.#afterCommit.length = 0;
        if (this.#sql.inTransaction) this.#sql.exec('ROLLBACK');
      }
      throw error;
    }
  }

  /** Runs a task once the transaction under way is committed, at once where there is none, never if it fails. */
  afterCommit(task: () => void): void {
    if (this.#depth > 0) this.#afterCommit.push(task);
    else task();
  }

  /** Writes the log into the file and goes on without one: the file alone is the whole database then. */
  singleFile(): void {
    const mode = this.get<{ journal_mode: string }>('PRAGMA journal_mode = DELETE')?.journal_mode;
    if (mode !== 'delete') throw new Error(`${this.file} is in use: its log cannot be closed (${mode})`);
  }

  /** Writes the log into the file and closes it. */
  close(): void {
    if (!this.#sql.open) return;
    this.#statements.clear();
    this.#sql.close();
  }

  #prepare(sql: string): Libsql.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#sql.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/**
 * Opens Max's database and brings it to the newest format.
 *
 * @throws RigError `RIG_DATABASE_UNREADABLE` for a damaged file, `RIG_DATABASE_NEWER` for one of a newer Max, neither of
 * which is changed; `RIG_STORAGE_FULL` where the disk is full, `RIG_STATE_DIR` where it does not let Max write
 */
export function openDatabase(file: string, steps: readonly Migration[] = migrations): Database {
  let database: Database | undefined;
  try {
    makePrivate(file);
    database = new Database(file, new Libsql(file, { timeout: 5000 }));
    const found = database.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
    const known = steps.at(-1)?.version ?? 0;
    if (found > known) throw databaseNewer(file, found, known);
    const check = database.get<{ quick_check: string }>('PRAGMA quick_check(1)')?.quick_check;
    if (check !== 'ok') throw databaseUnreadable(file, check ?? 'the check gave no answer');
    // In the write-ahead log NORMAL loses nothing that was committed when the process is killed, as it is with the kernel
    // then. A power cut may take the commits of the last moments, since a checkpoint, as a whole and from the last one
    // backwards: the database is then as it was a little earlier, never damaged or half. FULL would wait for the disk at
    // each commit.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    migrate(database, steps, found);
    return database;
  } catch (error) {
    database?.close();
    if (isRigError(error)) throw error;
    const { code, message } = error as { code?: string; message: string };
    if (code === 'SQLITE_NOTADB' || code?.startsWith('SQLITE_CORRUPT')) throw databaseUnreadable(file, message);
    if (code === undefined || /^(E[A-Z]+|SQLITE_(FULL|READONLY|CANTOPEN|IOERR|PERM|AUTH).*)?$/.test(code))
      throw unusable(dirname(file), error);
    throw error;
  }
}

function migrate(database: Database, steps: readonly Migration[], found: number): void {
  for (const step of steps) {
    if (step.version <= found) continue;
    database.transaction(() => {
      database.exec(step.sql);
      database.exec(`PRAGMA user_version = ${step.version}`);
    });
  }
}

/** Tells whether a statement failed because a value that must be unique is there already. */
export function isDuplicate(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}
