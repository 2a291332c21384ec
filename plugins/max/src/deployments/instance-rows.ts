import type { ProcessRecord } from '../engine/engine.ts';
import type { Database } from '../store/database.ts';
import { newId } from '../store/ids.ts';

/** An instance as it is stored. */
export interface InstanceRow {
  id: string;
  appId: string;
  name: string;
  version: number;
  /** Counts its processes: each has output files of its own. */
  run: number;
  pid: number | null;
  identity: string | null;
  port: number | null;
  startedAt: string | null;
  restarts: number;
  lastExit: string | null;
  retired: number;
}

const SELECT = `SELECT id, app_id AS appId, name, version, run, pid, identity, port, started_at AS startedAt, restarts,
  last_exit AS lastExit, retired FROM instances`;

/** The instances of this Max: what runs, and what is to be ended. */
export class InstanceRows {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Notes that an instance is about to be: from here on its mark is known. */
  create(appId: string, name: string, version: number): InstanceRow {
    const id = newId('ins');
    this.#db.run('INSERT INTO instances (id, app_id, name, version) VALUES (?, ?, ?, ?)', [id, appId, name, version]);
    return this.byId(id)!;
  }

  byId(id: string): InstanceRow | undefined {
    return this.#db.get(`${SELECT} WHERE id = ?`, [id]);
  }

  all(): InstanceRow[] {
    return this.#db.all(`${SELECT} ORDER BY rowid`);
  }

  ofApp(appId: string): InstanceRow[] {
    return this.#db.all(`${SELECT} WHERE app_id = ? ORDER BY rowid`, [appId]);
  }

  /** Counts its next process. */
  nextRun(id: string): number {
    return this.#db.get<{ run: number }>('UPDATE instances SET run = run + 1 WHERE id = ? RETURNING run', [id])!.run;
  }

  /** Notes the process that runs, or is about to run, as this instance; gives the time that it noted. */
  started(id: string, record: ProcessRecord, port: number | null): string {
    const at = new Date().toISOString();
    this.#db.run('UPDATE instances SET pid = ?, identity = ?, port = ?, started_at = ? WHERE id = ?', [
      record.pid,
      record.identity,
      port,
      at,
      id,
    ]);
    return at;
  }

  /** Notes how the process ended. */
  ended(id: string, lastExit: string, restarts: number): void {
    this.#db.run('UPDATE instances SET pid = NULL, identity = NULL, last_exit = ?, restarts = ? WHERE id = ?', [
      lastExit,
      restarts,
      id,
    ]);
  }

  /** Notes that it is to end for good. */
  retire(id: string): void {
    this.#db.run('UPDATE instances SET retired = 1 WHERE id = ?', [id]);
  }

  remove(id: string): void {
    this.#db.run('DELETE FROM instances WHERE id = ?', [id]);
  }
}

/** Stores how an instance fares; what cannot be stored is found out by the next Max. */
export function noted({ report }: { report(text: string): void }, id: string, store: () => void): void {
  try {
    store();
  } catch (error) {
    report(`the end of ${id} could not be stored: ${(error as Error).message}`);
  }
}
